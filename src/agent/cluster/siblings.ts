/**
 * Instances that were launched together without knowing how many they are: the first fires alone,
 * and says on its page that the others are there.
 */

import type { Imds } from '../../aws/imds.ts';
import type { Hello } from '../../cluster/discovery/hello.ts';
import { type Introductions, openIntroductions } from '../../cluster/discovery/introductions.ts';
import { addressesToAsk, parseSubnet } from '../../cluster/discovery/subnet.ts';
import { clusterHash } from '../../cluster/identity.ts';
import { OnagerError, type Problem } from '../../errors.ts';
import { wait } from '../../retry.ts';
import { warn } from '../../run/warnings.ts';
import type { ClusterSettings, Settings } from '../../settings/settings.ts';
import type { Run } from '../run.ts';
import { findPlace, type MemberPlace, type Placed } from './place.ts';

type Telling = Omit<Placed, 'imds'> &
  Pick<Run, 'log' | 'signal' | 'store'> &
  Readonly<{ imds: Pick<Imds, 'peek'> }>;

/** The first hears of the others only once its own load runs: until then they say it again. */
const rounds = 5;
const betweenRoundsMs = 20_000;

/** Linux's table of neighbours holds as many as this asks in the time that it takes to give up. */
const perSecond = 250;

/** Why an instance that was launched with others does not fire; undefined where it may. */
export function unsizedProblem(
  { launchIndex, reservationId }: Pick<Run['instance'], 'launchIndex' | 'reservationId'>,
  { cluster }: Settings,
): OnagerError | undefined {
  if (launchIndex === 0 || cluster?.size === 1) return undefined;
  // Under a name of the user's, instances of several launches belong together.
  if (cluster?.id !== undefined) return undefined;
  if (cluster !== undefined)
    return launchIndex < cluster.size ? undefined : overSize(launchIndex, cluster);
  const message = `this is instance ${launchIndex + 1} of a launch of several (${reservationId ?? 'no reservation'}), and cluster.size is not set`;
  return new OnagerError('CLUSTER_SIZE_UNSET', message, { hint: sizeHint(launchIndex + 1) });
}

/** Tells the first instance of the launch of this one. Never rejects. */
export async function tellFirst(run: Telling): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([run.signal, over.signal]);
  await meet(run, signal, {
    onPeer: ({ launchIndex }) => {
      if (launchIndex === 0) over.abort();
    },
    async meanwhile({ network }, greet) {
      const subnet = parseSubnet(network.subnetCidr);
      if (subnet === undefined) return;
      const addresses = addressesToAsk(subnet, network.address, Math.random);
      for (let round = 0; round < rounds; round += 1) {
        await greet(addresses, { perSecond }, signal);
        await wait(betweenRoundsMs, signal);
      }
    },
  });
}

/** Warns of each instance that tells of itself, until the signal is aborted. Never rejects. */
export async function hearSiblings(run: Telling, signal: AbortSignal): Promise<void> {
  if (run.instance.reservationId === undefined) return;
  await meet(run, signal, {
    onPeer: ({ instanceId, launchIndex }) =>
      void warn(run.store, [siblingProblem(instanceId, launchIndex)]),
    meanwhile: async () => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  });
}

type Meeting = Readonly<{
  onPeer(hello: Hello): void;
  meanwhile(place: MemberPlace, greet: Introductions['greet']): Promise<void>;
}>;

/**
 * It is news for people only: where it cannot be told, the run goes on without it. So the metadata
 * service is asked once, and does not become what the run waits for. Only instances of one
 * reservation have different launch indexes, so no tag says which they are.
 */
async function meet(run: Telling, signal: AbortSignal, meeting: Meeting): Promise<void> {
  try {
    const imds = { text: run.imds.peek, tags: async () => ({}) };
    const place = await findPlace({ ...run, imds }, {}, { engine: '-', runtime: '-' }, signal);
    const { instanceId, launchIndex, address, port } = place.self;
    await using introductions = await openIntroductions({
      self: { cluster: clusterHash(place.cluster), instanceId, launchIndex, address, port },
      key: place.helloKey,
      onPeer: meeting.onPeer,
      onOther: () => {},
      log: run.log,
    });
    await meeting.meanwhile(place, introductions.greet);
  } catch (error) {
    if (!signal.aborted) run.log.debug({ err: error }, 'instances of one launch do not meet');
  }
}

function siblingProblem(instanceId: string, launchIndex: number): Problem {
  return {
    code: 'CLUSTER_UNSHARED',
    message: `${instanceId} (launch index ${launchIndex}) was launched together with this instance, and fires nothing: cluster.size is not set`,
    hint: sizeHint(launchIndex + 1),
  };
}

/** With more instances than members, two parts of them could agree without each other. */
function overSize(launchIndex: number, { size }: Pick<ClusterSettings, 'size'>): OnagerError {
  const message = `this is instance ${launchIndex + 1} of its launch, and cluster.size is ${size}`;
  return new OnagerError('CLUSTER_OVER_SIZE', message, {
    hint: `nothing is fired here; the first ${size} fire without it. Set cluster.size to how many you launch`,
  });
}

function sizeHint(least: number): string {
  return `to share the load, write cluster: { size: ${least} } or more into onager.yaml, or the tag onager:cluster.size; for a whole load from each instance, cluster: { size: 1 }`;
}
