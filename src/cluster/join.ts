/** Joins the cluster: opens the members' port, looks for the others, and agrees with them. */

import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { errorOf, hasCode, type Problem } from '../errors.ts';
import { isThere, makeFolder, readIfThere } from '../files/files.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';
import type { ClusterSettings } from '../settings/settings.ts';
import { type AskMember, createAskMember } from './channel/ask-member.ts';
import type { AcceptedKey, ChannelKey } from './channel/channel-key.ts';
import { createMembersPort } from './channel/members-port.ts';
import { logRefusals } from './channel/refusals.ts';
import { type DiscoverOptions, discover } from './discovery/discover.ts';
import { type Introductions, openIntroductions } from './discovery/introductions.ts';
import { type FollowedMember, runRoutes } from './following/run-routes.ts';
import { type Membership, parseMembership } from './gathering/agreement.ts';
import { openBallot } from './gathering/ballot.ts';
import { gather } from './gathering/gather.ts';
import { afterAgreement, memberRoutes } from './gathering/member-routes.ts';
import type { Gathering } from './gathering/options.ts';
import { createRoster } from './gathering/roster.ts';
import { type ClusterId, clusterHash } from './identity.ts';
import type { Member } from './member.ts';

/** The member's place in the cluster. */
export type Joined = Readonly<{
  self: Member;
  membership: Membership;
  /** By the run's own key. */
  ask: AskMember['ask'];
  /** From now on the leader's questions are answered. */
  follow(followed: FollowedMember): void;
}>;

type JoinOptions = Readonly<{
  self: Member;
  cluster: ClusterId;
  /** Which only those can derive who have the user-data. */
  key: Buffer;
  /** The same, of all launches of the user-data: whoever has it may introduce itself. */
  helloKey: Buffer;
  settings: ClusterSettings;
  /** The id of the run, if this member leads it. */
  runId: string;
  /** Where its vote and the membership are kept. */
  dir: string;
  startPath: string;
  /** Why this member will not fire; it tells the others. */
  failed(): Problem | undefined;
  onWaiting(gathering: Gathering): void;
  /** An instance that has the same user-data and belongs to another cluster. */
  onOther(instanceId: string): void;
  /** The port cannot be opened; it is tried again. */
  onTaken(error: unknown): void;
  log: Log;
}> &
  Pick<DiscoverOptions, 'network' | 'region' | 'imds' | 'credentials' | 'publish' | 'onHint'>;

const derivedName = 'gather';
const runName = 'run';

/**
 * `opened` gets what has to be closed at the end: a member that does not belong to the cluster, or
 * will not fire, still says so to those who ask.
 *
 * @throws what `gather` throws
 */
export async function joinCluster(
  options: JoinOptions,
  opened: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Joined> {
  const { self, cluster, key, settings, dir, log } = options;
  await makeFolder(dir);
  const membershipPath = join(dir, 'membership.json');
  const derived: ChannelKey = { name: derivedName, key };
  let ofRun: ChannelKey | undefined;
  let followed: FollowedMember | undefined;
  const roster = createRoster(self);
  const ballot = await openBallot(join(dir, 'vote.json'));
  const port = createMembersPort((): readonly AcceptedKey[] =>
    ofRun === undefined ? [derived] : [{ ...derived, paths: afterAgreement }, ofRun],
  );
  memberRoutes(port.server, {
    roster,
    ballot,
    membershipPath,
    failed: options.failed,
    onMembership: take,
  });
  runRoutes(port.server, {
    isOfRun: (request) => port.keyOf(request) === runName,
    followed: () => followed,
  });
  opened.defer(() => port.server.close());
  await untilFree(() => listen(port.server, self), options, signal);
  const hash = clusterHash(cluster);
  const introductions = opened.use(
    await untilFree(() => introduce(hash, options, roster.introduce), options, signal),
  );

  const left = new AbortController();
  opened.defer(() => left.abort());
  void logRefusals({ port, introductions, log }, left.signal);

  function take({ runKey }: Membership): void {
    ofRun = { name: runName, key: Buffer.from(runKey, 'hex') };
  }

  const why = options.failed();
  if (why !== undefined) throw errorOf(why);
  const known = await readIfThere(membershipPath);
  // Once there is a start, all have had the membership.
  const agreed =
    known !== undefined && isThere(options.startPath) ? parseMembership(known) : await agree();
  take(agreed);

  async function agree(): Promise<Membership> {
    using asker = createAskMember(derived);
    const found = new AbortController();
    const searching = discover(
      {
        ...options,
        introductions,
        self: introduction(self, hash),
        ask: asker.ask,
        roster,
      },
      AbortSignal.any([signal, found.signal]),
    ).catch((error: unknown) => {
      if (!found.signal.aborted && !signal.aborted)
        log.error({ err: error }, 'looking for members');
    });
    try {
      const { size, quorum, timeoutMs } = settings;
      return await gather(
        {
          self,
          runId: options.runId,
          size,
          quorum,
          timeoutMs,
          roster,
          ballot,
          ask: asker.ask,
          membershipPath,
          onWaiting: options.onWaiting,
        },
        signal,
      );
    } finally {
      found.abort();
      await searching;
    }
  }

  const asker = opened.use(
    createAskMember({ name: runName, key: Buffer.from(agreed.runKey, 'hex') }),
  );
  return {
    self,
    membership: agreed,
    ask: asker.ask,
    follow(one) {
      followed = one;
    },
  };
}

async function introduce(
  cluster: string,
  { self, helloKey, onOther, log }: JoinOptions,
  onPeer: (peer: Pick<Member, 'instanceId' | 'launchIndex' | 'address' | 'port'>) => void,
): Promise<Introductions> {
  return await openIntroductions({
    self: introduction(self, cluster),
    key: helloKey,
    onPeer,
    onOther: ({ instanceId }) => onOther(instanceId),
    log,
  });
}

async function listen(server: FastifyInstance, { address: host, port }: Member): Promise<void> {
  await server.listen({ host, port });
}

function introduction(
  { instanceId, launchIndex, address, port }: Member,
  cluster: string,
): DiscoverOptions['self'] {
  return { cluster, instanceId, launchIndex, address, port };
}

/** Another program may have the port, or a connection that the engine has opened. */
async function untilFree<T>(
  open: () => Promise<T>,
  { onTaken }: Pick<JoinOptions, 'onTaken'>,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'].some((code) => hasCode(error, code)))
        throw error;
      onTaken(error);
      await wait(1_000, signal);
    }
  }
}
