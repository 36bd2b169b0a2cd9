/** The members of a cluster as Prometheus metrics. */

import type { Summary } from '../../report/summary.ts';
import type { MemberStats } from '../../results/measurements.ts';
import { ledCluster } from '../../run/cluster-part.ts';
import type { RunState } from '../../run/state.ts';
import { delaySamples, type Metric } from './metric.ts';

/** Each member has some ten lines. Of a larger cluster the first by rank have them. */
const mostMembers = 250;

/** Only the leader knows how the others are. */
export function memberMetrics(
  { cluster }: RunState,
  summary: Summary | undefined,
): readonly Metric[] {
  if (cluster === undefined) return [];
  const size: Metric = {
    name: 'onager_cluster_size',
    type: 'gauge',
    help: 'How many members the cluster is to have.',
    samples: [{ value: cluster.size }],
  };
  if (ledCluster(cluster) === undefined) return [size];
  const firing = new Set(
    cluster.members.flatMap(({ instanceId, state }) => (state === 'running' ? [instanceId] : [])),
  );
  const shown = summary?.final === true ? [] : cluster.members.slice(0, mostMembers);
  return [
    size,
    {
      name: 'onager_cluster_members',
      type: 'gauge',
      help: 'How many members have come.',
      samples: [{ value: cluster.members.length }],
    },
    {
      name: 'onager_member_up',
      type: 'gauge',
      help: 'Whether the member answers: 1 if it does, 0 if it is silent, lost or has failed.',
      samples: shown.map(({ instanceId, state }) => ({
        labels: { member: instanceId },
        value: state === 'silent' || state === 'lost' || state === 'failed' ? 0 : 1,
      })),
    },
    ...statsMetrics((summary?.members ?? []).slice(0, mostMembers), firing),
  ];
}

/** `firing`: those whose load runs. The others have no current value. */
function statsMetrics(
  members: readonly MemberStats[],
  firing: ReadonlySet<string>,
): readonly Metric[] {
  const ofEach = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    read: (stats: MemberStats) => number | undefined,
  ): Metric => ({
    name,
    type,
    help,
    samples: members.map((stats) => ({
      labels: { member: stats.instanceId },
      value: read(stats),
    })),
  });
  const now = ({ instanceId }: MemberStats, value: number | undefined): number | undefined =>
    firing.has(instanceId) ? value : undefined;
  return [
    ofEach(
      'onager_member_requests_total',
      'counter',
      "The member's requests that have ended.",
      ({ requests }) => requests,
    ),
    ofEach(
      'onager_member_requests_failed_total',
      'counter',
      "The member's requests that have failed.",
      ({ failed }) => failed,
    ),
    ofEach('onager_member_users', 'gauge', "The member's users that are active now.", (stats) =>
      now(stats, stats.users),
    ),
    ofEach(
      'onager_member_requests_per_second',
      'gauge',
      "The member's requests in its latest second that is measured.",
      (stats) => now(stats, stats.perSecond),
    ),
    ofEach(
      'onager_member_cpu_mean_percent',
      'gauge',
      'CPU of the member, mean since the start of the load.',
      ({ generator }) => generator.cpuMeanPercent,
    ),
    {
      name: 'onager_member_generator_delay_seconds',
      type: 'summary',
      help: "The member's own delay since the start of the load.",
      samples: members.flatMap(({ instanceId, generator: { delay } }) =>
        delay === undefined ? [] : delaySamples(delay, { member: instanceId }),
      ),
    },
  ];
}
