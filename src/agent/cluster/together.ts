/** What the phases of a run do together with the other members of its cluster. */

import { OnagerError, type Problem } from '../../errors.ts';
import { isThere } from '../../files/files.ts';
import type { MeasureOptions } from '../../results/read-output.ts';
import { wait } from '../../retry.ts';
import { warn } from '../../run/warnings.ts';
import type { PublishSettings, Settings } from '../../settings/settings.ts';
import { noteWait } from '../awaiting.ts';
import { type Run, whenResolved } from '../run.ts';
import type { ClusterLink } from './cluster.ts';
import { donePathOf } from './link.ts';

/** A start that is later than the others' by more is told. */
const lateMs = 1_000;

/** Nobody expects a part of the load any more that begins so long after the others. */
const tooLateMs = 10 * 60_000;

/**
 * Waits until all members are ready, and for the moment at which they start.
 *
 * @throws what keeps the members from starting
 */
export async function startTogether(run: Run, link: ClusterLink): Promise<void> {
  const { interrupted, signal, stopAsked } = run;
  const until = AbortSignal.any([signal, interrupted, whenResolved(stopAsked)]);
  await noteWait(run, { what: 'the other members, to be ready' });
  const atMs = await link.ready(until);
  const leftMs = atMs - Date.now();
  if (leftMs < -tooLateMs) throw startedLongAgo(-leftMs);
  if (leftMs > 0) await wait(leftMs, until);
  if (leftMs >= -lateMs) return;
  const seconds = (-leftMs / 1_000).toFixed(1);
  await warn(run.store, [
    {
      code: 'CLUSTER_STARTED_LATE',
      message: `this member started its part of the load ${seconds} s after the time that was agreed on`,
      hint: 'its agent was restarted or heard of the start late; the course of the whole load differs by that',
    },
  ]);
}

/** The leader measures all members together, the others themselves alone. */
export function membersToMeasure(
  { instance, store }: Run,
  link: ClusterLink | undefined,
): Partial<Pick<MeasureOptions, 'members' | 'plan'>> {
  if (link?.leader === undefined) return {};
  const { cluster } = store.current();
  // After a restart the clocks have not been compared again yet.
  const offsets = new Map(
    cluster?.members.map(({ instanceId, clockOffsetMs }) => [instanceId, clockOffsetMs]),
  );
  const others = link.leader.outputs().map((output) => ({
    ...output,
    clockOffsetMs: offsets.get(output.instanceId) ?? output.clockOffsetMs,
  }));
  const shares = new Map(cluster?.members.map(({ instanceId, share }) => [instanceId, share]));
  const members = { self: instance.instanceId, others, shares };
  // What was planned is the plan of the whole; this member's own part is in its plan.json.
  const { engine } = store.current();
  return engine === undefined ? { members } : { members, plan: engine };
}

/** Records whose end the run waits for after its own load has ended, until that is known. */
export async function nameUnfinished(
  run: Run,
  { leader }: ClusterLink,
  signal: AbortSignal,
): Promise<void> {
  while (leader !== undefined && !signal.aborted) {
    const members = leader.unfinished().map(({ instanceId }) => instanceId);
    if (members.length === 0) return;
    const more = members.length > 3 ? ` and ${members.length - 3} more` : '';
    const named = `${members.slice(0, 3).join(', ')}${more}`;
    await noteWait(run, { what: `the end of the load on ${named}` });
    await wait(1_000, signal).catch(() => {});
  }
}

const partAlone: Problem = {
  code: 'CLUSTER_LEADER_LOST',
  message: 'the leader was gone before it had copied what this member measured',
  hint: "this report is of this member's part of the load alone",
};

/**
 * Where this instance publishes, if it does. The leader publishes for all; a member that has lost
 * it publishes its own part. Resolves when it is known which of them it is.
 */
export async function ownPublishing(
  run: Run,
  settings: Settings | undefined,
): Promise<PublishSettings | undefined> {
  const follower = run.cluster.current()?.follower;
  const isDone = isThere(donePathOf(run.folder));
  if (settings === undefined || (follower === undefined && !isDone)) return settings?.publish;
  if (follower !== undefined && !isDone) {
    await noteWait(run, { what: 'the leader, to copy what this member has measured' });
    if ((await follower.untilDone(run.signal)) === 'lost') {
      await warn(run.store, [partAlone]);
      return settings.publish;
    }
  }
  // The power-off after the run does not wait for what the leader publishes.
  const { publish: _, ...others } = settings;
  run.learn(others);
  return undefined;
}

function startedLongAgo(lateBy: number): OnagerError {
  const minutes = Math.round(lateBy / 60_000);
  return new OnagerError('CLUSTER_TOO_LATE', `the members started their load ${minutes} min ago`, {
    hint: 'this member was down meanwhile, and fires nothing; the report of the others says so',
  });
}
