/** Runs of a cluster as the page may get them: gathering, running, over, and on a member. */

import type { Summary } from '../../src/report/summary.ts';
import type { MemberStats } from '../../src/results/measurements.ts';
import type { ClusterInfo } from '../../src/run/cluster-info.ts';
import type { RunState } from '../../src/run/state.ts';
import { clusterOf, memberId, statsOf } from './cluster-run.ts';
import { launchedMs, type PageData, storefront } from './page-fixture.ts';

/** What an instance says whose security group lets nothing in. */
export const securityGroupAnswer =
  'no other member of the cluster has answered. If they are running, their security group does ' +
  'not let them reach each other. Let it: aws ec2 authorize-security-group-ingress --region ' +
  'eu-west-1 --group-id sg-0a1b2c3d4e5f60718 --ip-permissions ' +
  "'IpProtocol=tcp,FromPort=7424,ToPort=7424,UserIdGroupPairs=[{GroupId=sg-0a1b2c3d4e5f60718}]' " +
  "'IpProtocol=udp,FromPort=7424,ToPort=7424,UserIdGroupPairs=[{GroupId=sg-0a1b2c3d4e5f60718}]'";

/** `here` of `size` have come. `leftMs`: how long the others are still waited for. */
export function gathering(
  size: number,
  here: number,
  { nowMs = launchedMs + 50_000, lastAnswer }: { nowMs?: number; lastAnswer?: string } = {},
): PageData {
  const { run } = storefront({ seconds: 1 });
  const { outcome, publish, ...facts } = run;
  const { startedAt, ...engine } = facts.engine ?? ({} as never);
  return {
    run: {
      ...facts,
      engine,
      phase: 'gathering',
      warnings: [],
      phases: facts.phases.map((record) =>
        record.phase === 'running'
          ? { phase: 'gathering', startedAt: new Date(nowMs - 48_000).toISOString() }
          : record,
      ),
      instance: { ...instanceOf(run), instanceId: memberId(0) },
      cluster: clusterOf(size, { here, leads: false }),
      awaiting: {
        what: 'the other members of the cluster',
        since: new Date(nowMs - 48_000).toISOString(),
        until: new Date(nowMs + 252_000).toISOString(),
        ...(lastAnswer === undefined ? {} : { lastAnswer }),
      },
    },
  };
}

/** A cluster at the target of the storefront, `seconds` after the start of its load. */
export function clusterLoad(
  cluster: ClusterInfo,
  {
    seconds = 104,
    changed = {},
  }: Readonly<{ seconds?: number; changed?: Readonly<Record<number, Partial<MemberStats>>> }> = {},
): Readonly<{ run: RunState; summary: Summary }> {
  const { run, summary } = storefront({ seconds });
  const { totals, series } = summary;
  const members = statsOf(cluster, {
    requests: totals.requests,
    failed: totals.failed,
    perSecond: series.requests.at(-1) ?? 0,
    users: series.users.at(-1) ?? 0,
    changed,
  });
  const instance = { ...instanceOf(run), instanceId: cluster.self };
  return {
    run: { ...run, instance, cluster, warnings: [] },
    summary: { ...summary, instance, members },
  };
}

function instanceOf({ instance }: RunState): NonNullable<RunState['instance']> {
  if (instance === undefined) throw new Error('the fixture has no instance');
  return instance;
}
