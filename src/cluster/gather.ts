/**
 * Gathers the members of a cluster: knows those who answer, lets the first of them lead, and ends
 * with a membership that all have on their disks.
 */

import { randomBytes } from 'node:crypto';
import { OnagerError } from '../errors.ts';
import { claim, readIfThere } from '../files/files.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';
import {
  candidateOf,
  leastQuorum,
  type Membership,
  parseMembership,
  parseVote,
} from './agreement.ts';
import type { AskMember } from './ask-member.ts';
import type { Ballot } from './ballot.ts';
import { byRank, differences, type Member } from './member.ts';
import { type MemberStatus, parseStatus } from './member-routes.ts';
import type { Introduced, Roster } from './roster.ts';

type GatherOptions = Readonly<{
  self: Member;
  /** The id of the run, if this member leads it. */
  runId: string;
  size: number;
  /** With fewer nobody fires. */
  quorum: number;
  /** After it, `quorum` members are enough. */
  timeoutMs: number;
  roster: Roster;
  ballot: Ballot;
  ask: AskMember['ask'];
  membershipPath: string;
  onWaiting(waiting: Gathering): void;
  log: Log;
  pace?: Readonly<{ everyMs: number; lostMs: number }>;
}>;

/** `leftMs`: until fewer than all are enough. */
export type Gathering = Readonly<{ members: readonly Member[]; size: number; leftMs: number }>;

/** `lostMs`: so long a leader may be silent before it is given up. */
const defaultPace = { everyMs: 1_000, lostMs: 30_000 };

/**
 * Time is counted in steps: a member that had no processor has lost no patience.
 *
 * @throws OnagerError CLUSTER_INCOMPLETE, CLUSTER_LEADER_LOST, CLUSTER_MIXED, or what the leader
 * failed with
 */
export async function gather(options: GatherOptions, signal: AbortSignal): Promise<Membership> {
  const { self, size, timeoutMs, roster, onWaiting } = options;
  const { everyMs } = options.pace ?? defaultPace;
  const follow = createFollower(options);
  for (let sinceMs = 0; ; sinceMs += everyMs) {
    signal.throwIfAborted();
    await greetNewcomers(options, signal);
    const stored = await readIfThere(options.membershipPath);
    const agreed =
      stored === undefined
        ? await turn(options, { isLate: sinceMs >= timeoutMs, follow }, signal)
        : parseMembership(stored);
    if (agreed?.leader === self.instanceId) await tellAll(options, agreed, signal);
    if (agreed !== undefined) return agreed;
    onWaiting({ members: roster.members(), size, leftMs: Math.max(0, timeoutMs - sinceMs) });
    await wait(everyMs, signal);
  }
}

/** Leads if it is this member's turn, or looks after who should lead. */
async function turn(
  options: GatherOptions,
  { isLate, follow }: Readonly<{ isLate: boolean; follow: Follow }>,
  signal: AbortSignal,
): Promise<Membership | undefined> {
  const { self, size, roster, ballot } = options;
  const members = roster.members();
  const leader = ballot.votedFor() ?? candidateOf(members);
  if (leader.instanceId !== self.instanceId) {
    await follow(leader, signal);
    return undefined;
  }
  const enough = isLate ? Math.max(options.quorum, leastQuorum(size)) : size;
  const agreed = members.length < enough ? undefined : await lead(options, enough, signal);
  if (agreed === undefined && isLate) throw incomplete(options, enough);
  return agreed;
}

/** Asks for votes; with enough of them, the membership is written down. */
async function lead(
  { self, runId, roster, ballot, ask, membershipPath }: GatherOptions,
  enough: number,
  signal: AbortSignal,
): Promise<Membership | undefined> {
  const members = roster.members();
  if (!(await ballot.give(self))) return undefined;
  const body = { leader: self, members };
  const votes = await Promise.all(
    roster.others().map(async (member) => {
      const question = { method: 'POST', path: '/vote', body } as const;
      const vote = await answered(ask(member, question, signal), parseVote);
      return { member, vote: vote ?? { granted: false } };
    }),
  );
  for (const { vote } of votes) if (vote.lower !== undefined) roster.introduce(vote.lower);
  const voters = votes.filter(({ vote }) => vote.granted).map(({ member }) => member);
  if (1 + voters.length < enough) return undefined;
  const agreed = [self, ...voters].toSorted(byRank);
  const [difference] = differences(agreed);
  if (difference !== undefined) throw mixed(difference);
  const membership: Membership = {
    version: 1,
    leader: self.instanceId,
    runId,
    runKey: randomBytes(32).toString('hex'),
    members: agreed,
  };
  await claim(membershipPath, JSON.stringify(membership));
  return membership;
}

/** Resolves when every member has the membership on its disk. */
async function tellAll(
  { self, ask, pace = defaultPace }: GatherOptions,
  membership: Membership,
  signal: AbortSignal,
): Promise<void> {
  const others = membership.members.filter(({ instanceId }) => instanceId !== self.instanceId);
  const question = { method: 'POST', path: '/membership', body: membership } as const;
  await Promise.all(
    others.map(async (member) => {
      for (let sinceMs = 0; sinceMs < pace.lostMs; sinceMs += pace.everyMs) {
        if ((await answered(ask(member, question, signal), Boolean)) === true) return;
        await wait(pace.everyMs, signal);
      }
      throw memberLost(member, pace.lostMs);
    }),
  );
}

type Follow = (leader: Member, signal: AbortSignal) => Promise<void>;

/**
 * Tells the leader who else is there. Gives up a leader that is silent: for another one, or for good
 * if it has this member's vote.
 */
function createFollower({ ask, roster, ballot, pace = defaultPace }: GatherOptions): Follow {
  let silentMs = 0;
  let of: string | undefined;
  let told = 0;
  return async (leader, signal) => {
    if (of !== leader.instanceId) [silentMs, told] = [0, 0];
    of = leader.instanceId;
    const members = roster.members();
    if (members.length > told) {
      const question = { method: 'POST', path: '/introductions', body: members } as const;
      const isHeard = await answered(ask(leader, question, signal), Boolean);
      if (isHeard === true) told = members.length;
    }
    const status = await statusOf(ask, leader, signal);
    silentMs = status === undefined ? silentMs + pace.everyMs : 0;
    if (status?.failed !== undefined) {
      const { code, message, hint } = status.failed;
      throw new OnagerError(code, message, { hint });
    }
    if (silentMs < pace.lostMs) return;
    if (ballot.votedFor() !== undefined) throw leaderLost(leader, pace.lostMs);
    roster.remove(leader.instanceId);
  };
}

/** Who has been introduced counts once it has answered. */
async function greetNewcomers({ roster, ask }: GatherOptions, signal: AbortSignal): Promise<void> {
  await Promise.all(
    roster.introduced().map(async (who) => {
      const status = await statusOf(ask, who, signal);
      if (status?.member.instanceId === who.instanceId) roster.add(status.member);
    }),
  );
}

async function statusOf(
  ask: AskMember['ask'],
  who: Introduced,
  signal: AbortSignal,
): Promise<MemberStatus | undefined> {
  return await answered(ask(who, { path: '/member' }, signal), parseStatus);
}

/** Undefined: no answer, a refusal, or one that this version cannot read. */
async function answered<T>(
  asking: ReturnType<AskMember['ask']>,
  parse: (json: string) => T,
): Promise<T | undefined> {
  try {
    const { status, bytes } = await asking;
    return status === 200 ? parse(bytes.toString()) : undefined;
  } catch {
    return undefined;
  }
}

function incomplete({ roster, size, timeoutMs }: GatherOptions, enough: number): OnagerError {
  const members = roster.members();
  const names = members.map(({ instanceId }) => instanceId).join(', ');
  const minutes = `${Math.round(timeoutMs / 1_000)} s`;
  return new OnagerError(
    'CLUSTER_INCOMPLETE',
    `${members.length} of ${size} members came in ${minutes} (${names}), and ${enough} are needed`,
    {
      hint: 'let members through in the security group, launch the others, or lower cluster.quorum',
    },
  );
}

function leaderLost({ instanceId, address }: Member, lostMs: number): OnagerError {
  const message = `the leader ${instanceId} at ${address} has not answered for ${lostMs / 1_000} s`;
  const hint = 'look at its console log; members vote once, so launch the cluster again';
  return new OnagerError('CLUSTER_LEADER_LOST', message, { hint });
}

function memberLost({ instanceId, address }: Member, lostMs: number): OnagerError {
  const message = `the member ${instanceId} at ${address} has not answered for ${lostMs / 1_000} s`;
  const hint = 'look at its console log; nothing has been fired, so launch the cluster again';
  return new OnagerError('CLUSTER_MEMBER_LOST', message, { hint });
}

function mixed(difference: string): OnagerError {
  const message = `members of the cluster differ in their ${difference}`;
  return new OnagerError('CLUSTER_MIXED', message, { hint: 'launch all from one image' });
}
