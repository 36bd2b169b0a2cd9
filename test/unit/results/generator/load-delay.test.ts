/** The generator's own delay counts while there is load. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleBatch, SecondTotals } from '../../../../src/engine/samples.ts';
import { createCollector } from '../../../../src/results/collect.ts';
import type { Measurements } from '../../../../src/results/measurements.ts';
import { applyTick } from '../../../../src/results/tick.ts';
import { delayed, type Row, startMs, totals } from '../batches.ts';

describe("the generator's own delay", () => {
  it('counts from the first request to the last, and not while the engine starts or ends', () => {
    const seconds = [90, 5, 6, 7, 80].map((ms, at) => second(at, [ms], at > 0 && at < 4));
    const { generator, series } = measured(seconds);
    expect(generator.delay).toMatchObject({ count: 3, meanMs: 6, maxMs: 7 });
    expect(series.delayMaxMs).toEqual([5, 6, 7]);
  });

  it('counts between two requests, however long that takes', () => {
    const { generator, series } = measured([
      ...[second(0, [1], true), second(1, [30], false), second(2, [40], false)],
      second(3, [2], true),
    ]);
    expect(generator.delay).toMatchObject({ count: 4, maxMs: 40 });
    expect(series.delayMaxMs).toEqual([1, 30, 40, 2]);
  });

  it('is shown over time, with the run queue', () => {
    const { series } = measured([second(0, [1, 2, 6], true, [0, 4]), second(1, [1], true)]);
    expect(series).toMatchObject({
      delayMeanMs: [3, 1],
      delayMaxMs: [6, 1],
      runQueueMean: [2, 0],
      runQueueMax: [4, 0],
    });
  });

  it('is nothing, not 0, where no engine tells it', () => {
    const { generator, series } = measured(totals(rows(0)));
    expect(generator).not.toHaveProperty('delay');
    for (const name of ['delayMeanMs', 'delayMaxMs', 'runQueueMean', 'runQueueMax'] as const) {
      expect(series[name]).toEqual([null]);
    }
  });

  it('of several virtual machines is that of all their timers, in whatever order they tell', () => {
    const late = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(late, { minLength: 1, maxLength: 6 }), fc.boolean(), (parts, later) => {
        const each = parts.map(
          (us): SecondTotals => ({ ...second(0, [], true), delay: delayed(us) }),
        );
        const all = {
          ...second(0, [], true),
          delay: delayed(
            parts.flat(),
            parts.map(() => 0),
          ),
        };
        const load = totals(rows(0));
        const one = measured(later ? [...each, ...load] : [...load, ...each]);
        const other = measured([...load, all]);
        expect(one.generator.delay).toEqual(other.generator.delay);
        expect(one.generator.delay?.count).toBe(parts.flat().length);
        for (const name of ['delayMeanMs', 'delayMaxMs', 'runQueueMean', 'runQueueMax'] as const) {
          expect(one.series[name]).toEqual(other.series[name]);
        }
      }),
    );
  });

  it('goes on second by second as it is told at once', () => {
    const collector = createCollector(options);
    let known = collector.full();
    const seconds = [4, 9, 1].map((ms, at) => second(at, [ms], true));
    for (const each of seconds) {
      collector.add(each);
      known = applyTick(known, collector.tick());
    }
    collector.end();
    expect(known.series).toEqual(measured(seconds).series);
  });
});

const options = { sampling: { requests: 'each' }, slo: [], plan: { loadPhases: [] } } as const;

function measured(batches: readonly SampleBatch[]): Measurements {
  const collector = createCollector(options);
  for (const batch of batches) collector.add(batch);
  collector.end();
  return collector.full();
}

function rows(at: number): readonly Row[] {
  return [{ ms: startMs + at * 1_000 + 500, us: 100_000 }];
}

function second(
  at: number,
  lateMs: readonly number[],
  hasLoad: boolean,
  queues: readonly number[] = [0],
): SecondTotals {
  const [its] = totals(rows(at));
  return {
    type: 'totals',
    startMs: startMs + at * 1_000,
    totals: hasLoad ? (its?.totals ?? []) : [],
    errors: [],
    delay: delayed(
      lateMs.map((ms) => ms * 1_000),
      queues,
    ),
  };
}
