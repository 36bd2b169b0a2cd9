/** What an engine counted itself gives the same measurements as its samples one by one. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SampleBatch, SampleKind } from '../../../../src/engine/samples.ts';
import { createCollector } from '../../../../src/results/collect.ts';
import type { Measurements } from '../../../../src/results/measurements.ts';
import { type Row, samples, startMs, totals } from '../batches.ts';

const row: fc.Arbitrary<Row> = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  ms: fc.integer({ min: 0, max: 20_000 }).map((ms) => startMs + ms),
  us: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 4_000_000_000 })),
  status: fc.constantFrom(0, 200, 200, 200, 404, 503),
  error: fc.constant(''),
  bytes: fc.integer({ min: 0, max: 2 ** 31 }),
});
const withErrors = fc
  .tuple(row, fc.boolean())
  .map(([its, fails]): Row => (fails ? { ...its, ok: false, error: 'error_x', status: 0 } : its));

it.each<SampleKind>(['request', 'transaction', 'page', 'connect'])('of kind %s', (kind) => {
  fc.assert(
    fc.property(fc.array(withErrors, { minLength: 1, maxLength: 200 }), (rows) => {
      const inOrder = rows.toSorted((a, b) => (a.ms ?? 0) - (b.ms ?? 0));
      const one = measured([samples(inOrder, kind)]);
      const other = measured(totals(inOrder, kind));
      expect(comparable(other)).toEqual(comparable(one));
    }),
  );
});

function measured(batches: readonly SampleBatch[]): Measurements {
  const collector = createCollector({
    sampling: { requests: 'each' },
    slo: [],
    plan: { loadPhases: [] },
  });
  for (const batch of batches) collector.add(batch);
  collector.end();
  return collector.full();
}

/**
 * Without the times of the first and last error, which totals know to the second, and without what
 * is known of failures.
 */
function comparable({ errors, names, notes: _, ...rest }: Measurements): unknown {
  return rounded({
    ...rest,
    errors: errors
      .map(({ kind, count, samples }) => ({ kind, count, samples }))
      .toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
    names: names.map(({ failed: _, ...its }) => its),
  });
}

/** Sums of fractions depend on their order. */
function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, its) => (typeof its === 'number' ? Number(its.toPrecision(9)) : its)),
  );
}
