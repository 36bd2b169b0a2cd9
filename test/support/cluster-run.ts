/** A cluster of made-up members, as the state and the measurements of a run have it. */

import type { GeneratorHealth, MemberStats } from '../../src/results/measurements.ts';
import type { ClusterInfo } from '../../src/run/cluster-info.ts';
import type { ClusterMember } from '../../src/run/cluster-member.ts';

/** The id of the member with this rank. */
export function memberId(index: number): string {
  return `i-0${(0xa1b2c3d4e5 * (index + 1) * 7919).toString(16).padStart(16, '0').slice(-16)}`;
}

/** Of `size` members with two CPUs each, led by the first; `changed`: what differs, by rank. */
export function clusterOf(
  size: number,
  {
    self = 0,
    here = size,
    leads = true,
    changed = {},
  }: Readonly<{
    self?: number;
    here?: number;
    leads?: boolean;
    changed?: Readonly<Record<number, Partial<ClusterMember>>>;
  }> = {},
): ClusterInfo {
  return {
    id: 'r-0c4fe1a2b3d4e5f60',
    size,
    quorum: size,
    self: memberId(self),
    ...(leads ? { leader: memberId(0) } : {}),
    members: Array.from({ length: here }, (_, index) => {
      const address = `10.0.${Math.floor(index / 200)}.${(index % 200) + 20}`;
      return {
        instanceId: memberId(index),
        launchIndex: index,
        address,
        page: `http://${address}/`,
        cpus: 2,
        state: leads ? 'running' : 'gathered',
        ...(leads ? { share: 1 / here, clockOffsetMs: 0.4 } : {}),
        ...changed[index],
      };
    }),
  };
}

const calm: GeneratorHealth = {
  verdict: 'valid',
  reasons: [],
  cpuMeanPercent: 21.4,
  cpuMaxPercent: 38,
  delay: {
    count: 1_200,
    meanMs: 0.11,
    p50Ms: 0.09,
    p95Ms: 0.21,
    p99Ms: 0.48,
    maxMs: 2.1,
    runQueueMean: 0.1,
    runQueueMax: 1,
  },
};

/** Every member has fired its share of `requests` and `failed`. */
export function statsOf(
  { members }: ClusterInfo,
  {
    requests,
    failed = 0,
    perSecond = 0,
    users = 0,
    changed = {},
  }: Readonly<{
    requests: number;
    failed?: number;
    perSecond?: number;
    users?: number;
    changed?: Readonly<Record<number, Partial<MemberStats>>>;
  }>,
): readonly MemberStats[] {
  const part = (total: number, index: number): number =>
    Math.floor((total * (index + 1)) / members.length) -
    Math.floor((total * index) / members.length);
  return members.map(({ instanceId }, index) => ({
    instanceId,
    requests: part(requests, index),
    failed: part(failed, index),
    perSecond: part(perSecond, index),
    users: part(users, index),
    generator: calm,
    ...changed[index],
  }));
}
