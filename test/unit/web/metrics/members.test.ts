/** What Prometheus gets of the members of a cluster. */

import { describe, expect, it } from 'vitest';
import type { Summary } from '../../../../src/report/summary.ts';
import type { ClusterInfo } from '../../../../src/run/cluster-info.ts';
import { metricsText } from '../../../../src/web/metrics/metrics.ts';
import { clusterOf, memberId, statsOf } from '../../../support/cluster-run.ts';
import { runState, summary } from '../setup.ts';

const four = clusterOf(4, {
  changed: { 2: { state: 'silent', silentSince: '2026-11-22T12:00:09.000Z' } },
});
const members = statsOf(four, { requests: 4_000, failed: 40, perSecond: 100, users: 8 });

function text(cluster: ClusterInfo | undefined, of: Partial<Summary> = {}): string {
  const state = cluster === undefined ? runState : { ...runState, cluster };
  return metricsText(state, { ...summary, ...of });
}

describe('/metrics of a leader', () => {
  it('has the figures of each member, whose sum is that of the whole', () => {
    const body = text(four, { members });
    const of = `{member="${memberId(1)}"}`;
    for (const line of [
      'onager_cluster_size 4',
      'onager_cluster_members 4',
      `onager_member_up${of} 1`,
      `onager_member_up{member="${memberId(2)}"} 0`,
      `onager_member_requests_total${of} 1000`,
      `onager_member_requests_failed_total${of} 10`,
      `onager_member_requests_per_second${of} 25`,
      `onager_member_users${of} 2`,
      `onager_member_cpu_mean_percent${of} 21.4`,
      `onager_member_generator_delay_seconds{member="${memberId(1)}",quantile="0.99"} 0.00048`,
      `onager_member_generator_delay_seconds_count${of} 1200`,
    ])
      expect(body).toContain(`\n${line}\n`);
    // What a silent member does now is not known.
    expect(body).not.toContain(`onager_member_users{member="${memberId(2)}"}`);
    const counts = [...body.matchAll(/onager_member_requests_total\{.*\} (\d+)/g)].map((found) =>
      Number(found[1]),
    );
    expect(counts.reduce((a, b) => a + b)).toBe(summary.totals.requests);
    for (const line of body.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) onager_\w+ .+|onager_\w+(\{.+\})? [\d.e+-]+)$/);
  });

  it('has no current values once the run is over', () => {
    const changed = Object.fromEntries(
      [0, 1, 2, 3].map((rank) => [rank, { state: 'ended' as const }]),
    );
    const body = text(clusterOf(4, { changed }), { members, final: true });
    expect(body).toContain('\nonager_member_requests_total{');
    expect(body).not.toMatch(/onager_member_(up|users|requests_per_second)/);
  });

  it('is bounded, however many members there are', () => {
    const many = clusterOf(1_000);
    const body = text(many, { members: statsOf(many, { requests: 1_000_000 }) });
    expect(body).toContain('\nonager_cluster_members 1000\n');
    expect(body.match(/^onager_member_up\{/gm)).toHaveLength(250);
    expect(body.match(/^onager_member_requests_total\{/gm)).toHaveLength(250);
    expect(body.length).toBeLessThan(400_000);
  });
});

it('does not say of other members what only the leader knows', () => {
  expect(text(clusterOf(4, { self: 2 }))).not.toContain('onager_member_');
});

it('says nothing of members where the load comes from one instance', () => {
  expect(text(undefined)).not.toMatch(/onager_(cluster|member)_/);
});
