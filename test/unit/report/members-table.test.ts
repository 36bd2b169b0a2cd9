/** The members of a cluster in the closing table. */

import { describe, expect, it } from 'vitest';
import type { Summary } from '../../../src/report/summary.ts';
import { closingTable } from '../../../src/report/table.ts';
import type { MemberStats } from '../../../src/results/measurements.ts';
import type { ClusterMember } from '../../../src/run/cluster-member.ts';
import { summaryOf } from './fixture.ts';

const stats = (at: number, its: Partial<MemberStats> = {}): MemberStats => ({
  instanceId: `i-${at}`,
  requests: 1_200,
  failed: 3,
  perSecond: 60,
  generator: { verdict: 'valid', reasons: [], cpuMaxPercent: 41.4 },
  ...its,
});

const known = (at: number, its: Partial<ClusterMember> = {}): ClusterMember => ({
  ...{ instanceId: `i-${at}`, launchIndex: at, address: '10.0.0.1', page: '', cpus: 2 },
  state: 'ended',
  outcome: 'complete',
  ...its,
});

function tableOf(members: readonly MemberStats[], of: readonly ClusterMember[], width = 100) {
  const cluster = { id: 'r-1', size: of.length, quorum: of.length, self: 'i-0', leader: 'i-0' };
  const summary: Summary = { ...summaryOf([]), members, cluster: { ...cluster, members: of } };
  const lines = closingTable(summary, { width }).split('\n');
  const from = lines.findIndex((line) => line.startsWith('member '));
  return lines.slice(from, lines.indexOf('', from));
}

describe('the members of a cluster', () => {
  it('are a row each, with how its load ended', () => {
    const unwatched = { verdict: 'unknown', reasons: [] } as const;
    expect(
      tableOf(
        [stats(0), stats(1, { generator: unwatched, requests: 0 }), stats(2)],
        [known(0), known(1, { state: 'lost' }), known(2, { outcome: 'interrupted' })],
      ),
    ).toEqual([
      'member        requests    rate  failed  CPU max  generator         load',
      'i-0 (leader)     1,200  60.0/s       3     41 %      valid     complete',
      'i-1                  0  60.0/s       3        –    unknown         lost',
      'i-2              1,200  60.0/s       3     41 %      valid  interrupted',
    ]);
  });

  it('fit a narrow terminal', () => {
    const lines = tableOf([stats(0)], [known(0)], 52);
    expect(lines).toEqual([
      'member        requests  failed  generator      load',
      'i-0 (leader)     1,200       3      valid  complete',
    ]);
  });

  it('are the worst where there are many, and the rest are counted', () => {
    const suspect = { verdict: 'suspect', reasons: ['-'] } as const;
    const all = Array.from({ length: 30 }, (_, at) =>
      stats(at, at === 29 ? { generator: suspect } : {}),
    );
    const lines = tableOf(all, []);
    expect(lines).toHaveLength(22);
    expect(lines[1]).toMatch(/^i-29 .* suspect/);
    expect(lines.at(-1)).toBe('… and 10 more members');
  });

  it('are not there where the load comes from one instance', () => {
    expect(closingTable(summaryOf())).not.toMatch(/^member /m);
  });
});
