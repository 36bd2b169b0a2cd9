/** Time axes and the series on them, under every order of arrival. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaugeColumn, NumberColumn, TimeAxis } from '../../../../src/results/counting/axis.ts';
import { CounterPages } from '../../../../src/results/counting/counter-pages.ts';
import { indexOf } from '../../../../src/results/counting/histogram.ts';
import { HistogramColumn } from '../../../../src/results/counting/step-histograms.ts';

const maxSteps = 16;
const startMs = 1_700_000_000_000;
const events = fc.array(
  fc.record({
    ms: fc.oneof(
      fc.integer({ min: startMs, max: startMs + 10_000 }),
      fc.integer({ min: startMs - 100_000, max: startMs + 500_000 }),
    ),
    us: fc.integer({ min: 1, max: 60_000_000 }),
  }),
  { minLength: 1, maxLength: 80 },
);

describe('a time axis', () => {
  it('puts every moment into the step that covers it, however often steps were merged', () => {
    fc.assert(
      fc.property(events, (them) => {
        const { axis, sums } = filled(them);
        const expected = new Map<number, number>();
        for (const { ms, us } of them) {
          const step = Math.floor(ms / axis.stepMs);
          expected.set(step, (expected.get(step) ?? 0) + us);
        }
        const found = new Map<number, number>();
        for (let step = 0; step < axis.length; step++) {
          const sum = sums.values[step] ?? 0;
          if (sum > 0) found.set(axis.first + step, sum);
        }
        expect(found).toEqual(expected);
      }),
    );
  });

  it('never has more steps than it may, and no longer ones than it must', () => {
    fc.assert(
      fc.property(events, (them) => {
        const { axis } = filled(them);
        expect(axis.length).toBeLessThanOrEqual(maxSteps);
        const times = them.map(({ ms }) => ms);
        const half = axis.stepMs / 2;
        const span = Math.floor(Math.max(...times) / half) - Math.floor(Math.min(...times) / half);
        if (axis.stepMs > 1_000) expect(span + 1).toBeGreaterThan(maxSteps);
      }),
    );
  });

  it('keeps the larger value, the mean, and the whole histogram of steps that merge', () => {
    fc.assert(
      fc.property(events, (them) => {
        const { axis, largest, mean, histograms } = filled(them);
        for (let step = 0; step < axis.length; step++) {
          const its = them
            .filter(({ ms }) => Math.floor(ms / axis.stepMs) === axis.first + step)
            .map(({ us }) => us)
            .toSorted((a, b) => a - b);
          expect(largest.values[step]).toBe(its.at(-1) ?? 0);
          const sum = its.reduce((total, us) => total + us, 0);
          const found = mean.at(step);
          if (its.length === 0) expect(found).toBeNull();
          else expect(found).toBeCloseTo(sum / its.length, 3);
          const percents = its.length === 0 ? [] : [50, 95, 99];
          histograms.percentiles(step, its.length, percents).forEach((value, at) => {
            const exact = its[Math.ceil(((percents[at] ?? 0) * its.length) / 100) - 1] ?? 0;
            expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.max(8, exact * 0.01));
          });
        }
      }),
    );
  });

  it('says from which step on something may have changed', () => {
    const axis = new TimeAxis({ stepMs: 1_000, maxSteps });
    axis.indexOf(startMs);
    axis.indexOf(startMs + 5_000);
    axis.changedFrom = axis.length;
    axis.indexOf(startMs + 3_000);
    expect(axis.changedFrom).toBe(3);
    axis.changedFrom = axis.length;
    axis.indexOf(startMs + 8_000);
    expect(axis.changedFrom).toBe(6);
    axis.indexOf(startMs - 1_000);
    expect(axis.changedFrom).toBe(0);
  });

  it('counts on beyond what a counter holds, also of steps that merge and of memory that is used again', () => {
    const axis = new TimeAxis({ stepMs: 1_000, maxSteps: 2 });
    const histograms = axis.attach(new HistogramColumn(2, new CounterPages(5)));
    const record = (ms: number, us: number, count: number): void => {
      const step = axis.indexOf(ms);
      for (let at = 0; at < count; at += 1) histograms.record(step, indexOf(us));
    };
    const even = Math.ceil(startMs / 8_000) * 8_000;
    record(even, 5_000, 60_000);
    record(even + 1_000, 5_000, 140_000);
    record(even + 1_000, 900_000, 200_001);
    // The first two steps become one, and what was the second's memory is the third's.
    record(even + 2_000, 5_000, 2);
    record(even + 2_000, 900_000, 3);
    const [below, above] = histograms.percentiles(0, 400_001, [49.9, 50.1]);
    expect(below).toBeCloseTo(5_000, -3);
    expect(above).toBeCloseTo(900_000, -5);
    expect(histograms.percentiles(1, 5, [60])[0]).toBeCloseTo(900_000, -5);
  });

  it('gives memory back when steps merge', () => {
    const pages = new CounterPages(6);
    const axis = new TimeAxis({ stepMs: 1_000, maxSteps });
    const histograms = axis.attach(new HistogramColumn(maxSteps, pages));
    for (let second = 0; second < maxSteps; second++) {
      histograms.record(axis.indexOf(startMs + second * 1_000), indexOf(5_000));
    }
    const before = pages.bytesUsed;
    axis.coarsen();
    axis.coarsen();
    expect(pages.bytesUsed).toBeLessThan(before / 2);
  });
});

type Event = Readonly<{ ms: number; us: number }>;

function filled(them: readonly Event[]) {
  const axis = new TimeAxis({ stepMs: 1_000, maxSteps });
  const sums = axis.attach(new NumberColumn(maxSteps));
  const largest = axis.attach(new NumberColumn(maxSteps, 'max'));
  const mean = axis.attach(new GaugeColumn(maxSteps));
  const histograms = axis.attach(new HistogramColumn(maxSteps, new CounterPages(6)));
  for (const { ms, us } of them) {
    const step = axis.indexOf(ms);
    sums.add(step, us);
    largest.values[step] = Math.max(largest.values[step] ?? 0, us);
    mean.add(step, us);
    histograms.record(step, indexOf(us));
  }
  return { axis, sums, largest, mean, histograms };
}
