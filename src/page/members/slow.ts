/** Which members fire far less than their share of the load. Pure. */

import type { Summary } from '../../report/summary.ts';
import type { ClusterMember } from '../../run/cluster-member.ts';

/** Within the first seconds the figures of members are not equally old. */
const tooEarlyMs = 10_000;
/** With fewer requests, chance alone can halve them. */
const leastInAll = 30;
const leastPerSecond = 100;

/**
 * Those with less than half of what the median member fires for its share: since the start, or in
 * the latest second. Members that do not answer are none of them; their state says more.
 */
export function slowMembers(
  members: readonly ClusterMember[],
  summary: Summary | undefined,
): ReadonlySet<string> {
  if (summary === undefined) return new Set();
  const { final, series } = summary;
  if (!final && series.requests.length * series.stepMs < tooEarlyMs) return new Set();
  const stats = new Map((summary.members ?? []).map((each) => [each.instanceId, each]));
  const answering = members.flatMap(({ instanceId, share = 0, state }) => {
    const its = stats.get(instanceId);
    const isCounted = share > 0 && (state === 'running' || state === 'ended');
    return its === undefined || !isCounted ? [] : [{ ...its, share, state }];
  });
  const running = answering.filter(({ state }) => state === 'running');
  return new Set([
    ...belowHalf(
      answering.map(({ requests, ...each }) => ({ ...each, fired: requests })),
      leastInAll,
    ),
    ...(final
      ? []
      : belowHalf(
          running.map(({ perSecond, ...each }) => ({ ...each, fired: perSecond })),
          leastPerSecond,
        )),
  ]);
}

type Firing = Readonly<{ instanceId: string; share: number; fired: number }>;

function belowHalf(members: readonly Firing[], least: number): readonly string[] {
  const usual = median(members.map(({ fired, share }) => fired / share));
  return members.flatMap(({ fired, instanceId, share }) =>
    usual * share >= least && fired < (usual * share) / 2 ? [instanceId] : [],
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return (low + high) / 2;
}
