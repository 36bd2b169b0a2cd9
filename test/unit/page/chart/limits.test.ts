/** The limits of rules in the charts they speak of. */

import { describe, expect, it } from 'vitest';
import { chartLines } from '../../../../src/page/chart/chart-series.ts';
import { limitsOf, topWithLimits } from '../../../../src/page/chart/limits.ts';
import type { ChartLine } from '../../../../src/page/chart/timeline.ts';
import { storefront } from '../../../support/page-fixture.ts';
import { sloResult } from '../../../support/slo.ts';

const rules = [
  sloResult('p95 < 300ms', true, { measured: 200 }),
  sloResult('p99 <= 1s over 30s', false, { measured: 2_000 }),
  sloResult('p95 < 300ms', true, { measured: 200 }),
  sloResult('errors < 1%', true, { measured: 0.002 }),
  sloResult('throughput >= 50/s', true, { measured: 83 }),
  sloResult('count > 5', true, { measured: 9 }),
  sloResult('transaction(checkout).p99 < 2s', false, { measured: 4_000 }),
];
const fixture = storefront().summary;
const summary = { ...fixture, slo: { verdict: 'fail', rules } as const };

const plain = (lines: readonly ChartLine[]): readonly string[] =>
  lines
    .filter(({ limit }) => limit !== undefined)
    .map(({ label, limit, values }) =>
      `${label}: ${values[0]}, ${limit}`.replaceAll('\u00a0', ' '),
    );

describe('the charts of the run', () => {
  it('have each limit of the whole run once, in the chart that it speaks of', () => {
    const lines = chartLines(summary, [1, 2], 1);
    expect(plain(lines.latency)).toEqual([
      'p95 < 300 ms: 300, kept',
      'p99 <= 1 s over 30 s: 1000, missed',
    ]);
    expect(plain(lines.errors)).toEqual(['errors < 1 %: 0.01, kept']);
    expect(plain(lines.load)).toEqual(['throughput >= 50/s: 50, kept']);
    expect(plain([...lines.users, ...lines.mean, ...lines.machine])).toEqual([]);
  });

  it('show the share of errors where a rule limits it', () => {
    const share = chartLines(summary, [1, 2], 1).errors.find(({ right }) => right);
    const { requests, failed } = fixture.series;
    const at = failed.findIndex((value) => value > 0);
    expect(share?.label).toBe('Share of requests');
    expect(share?.values[at]).toBeCloseTo((failed[at] ?? 0) / (requests[at] ?? 0), 10);
    const { errors } = chartLines({ ...fixture, slo: { verdict: 'none', rules: [] } }, [1, 2], 1);
    expect(errors.some(({ right }) => right)).toBe(false);
  });
});

it('of a rule that is not judged yet is neither kept nor missed', () => {
  const slo = { verdict: 'pending', rules: [sloResult('p95 < 300ms', undefined)] } as const;
  const { durations } = limitsOf({ slo }, { kind: 'run' }, 2);
  expect(durations.map(({ limit, color }) => [limit, color])).toEqual([['open', 'muted']]);
});

it('of a name are those of its own rules', () => {
  const scope = { kind: 'transaction', name: 'checkout' } as const;
  const { durations } = limitsOf(summary, scope, 2);
  expect(plain(durations)).toEqual(['p99 < 2 s: 2000, missed']);
  expect(limitsOf(summary, { ...scope, name: 'browse' }, 2).durations).toEqual([]);
});

it.each([
  ['a limit above the values is in sight', 200, 300],
  ['a limit far above them is not', 10, 10],
  ['without values there is only the limit', 0, 300],
])('%s', (_, high, top) => {
  const { durations } = limitsOf(
    { ...summary, slo: { ...summary.slo, rules: rules.slice(0, 1) } },
    { kind: 'run' },
    2,
  );
  expect(topWithLimits({ lines: durations }, 'left', { high, farthest: 3 })).toBe(top);
  expect(topWithLimits({ lines: durations }, 'right', { high, farthest: 3 })).toBe(high);
});
