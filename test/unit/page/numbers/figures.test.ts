/** Which figures of the strip are red. */

import { expect, it } from 'vitest';
import { figuresOf } from '../../../../src/page/numbers/figures.ts';
import type { Summary } from '../../../../src/report/summary.ts';
import type { SloResult } from '../../../../src/slo/result.ts';
import { storefront } from '../../../support/page-fixture.ts';
import { sloResult } from '../../../support/slo.ts';

const { summary } = storefront();

function redIn(changes: Partial<Summary>, rules: readonly SloResult[]): readonly string[] {
  const slo = { verdict: 'fail', rules } as const;
  return figuresOf({ ...summary, ...changes, slo })
    .filter(({ bad }) => bad)
    .map(({ label }) => label);
}

it.each([
  ['p95 < 10ms', 'p95'],
  ['p99 < 10ms over 10s', 'p99'],
  ['errors < 0.1%', 'Errors'],
  ['throughput > 900/s', 'Throughput'],
])('%s: %s', (rule, label) => {
  expect(redIn({}, [sloResult(rule, false, { measured: 1 })])).toEqual([label]);
  expect(redIn({}, [sloResult(rule, true, { measured: 1 })])).toEqual([]);
});

it('are not those that a rule about a single name misses', () => {
  expect(redIn({}, [sloResult('request(GET /).p95 < 1ms', false, { measured: 9 })])).toEqual([]);
});

it('are none before there are data, and not a rule that is not measured yet', () => {
  const rules = [
    sloResult('p95 < 1s', undefined),
    sloResult('throughput > 5/s', undefined, { measured: 0 }),
  ];
  const totals = { ...summary.totals, requests: 0, otherErrors: 0, failed: 0, errorShare: 0 };
  expect(redIn({ final: false, totals }, rules)).toEqual([]);
  expect(redIn({ final: false }, [sloResult('p95 < 1s', undefined)])).toEqual([]);
  expect(redIn({}, [sloResult('p95 < 1s', false)])).toEqual(['p95']);
});

it('are the errors from a hundredth on where no rule says how many are allowed', () => {
  const totals = { ...summary.totals, errorShare: 0.03 };
  expect(redIn({ totals }, [])).toEqual(['Errors']);
  expect(redIn({ totals }, [sloResult('errors < 5%', true, { measured: 0.03 })])).toEqual([]);
});

it('are seven figures also where not one request was answered', () => {
  const { latency, ...failed } = summary;
  expect(figuresOf(failed).map(({ label }) => label)).toEqual(
    figuresOf(summary).map(({ label }) => label),
  );
});
