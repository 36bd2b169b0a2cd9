/** The histogram compared with the sorted data themselves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Histogram,
  highestOf,
  histogramPages,
  indexOf,
  longestUs,
  lowestOf,
} from '../../../../src/results/counting/histogram.ts';

const durations = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 5_000 }),
    fc.integer({ min: 0, max: 3_000_000 }),
    fc.integer({ min: 0, max: longestUs }),
  ),
  { minLength: 1, maxLength: 300 },
);
const percents = [0, 1, 50, 90, 95, 99, 99.9, 100];

describe('a histogram', () => {
  it('gives the nearest-rank percentile of the raw data to 0.1 %', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const found = recorded(values).percentiles(percents);
        percents.forEach((percent, at) => {
          const rank = Math.max(1, Math.ceil((percent * values.length) / 100));
          const exact = sorted[rank - 1] ?? Number.NaN;
          expect(Math.abs((found[at] ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.001);
        });
      }),
    );
  });

  it('gives the percentile of what is left without a part of it', () => {
    fc.assert(
      fc.property(durations, durations, (kept, left) => {
        const part = recorded(left);
        const rest = recorded([...kept, ...left]).percentileWithout(part, 95);
        const exact = recorded(kept).percentile(95);
        // Only the maximum of the rest is unknown.
        expect(rest).toBeGreaterThanOrEqual(exact);
        expect(rest).toBeLessThanOrEqual(exact * 1.001);
        expect(part.percentileWithout(part, 95)).toBeNaN();
      }),
    );
  });

  it('knows count, sum, minimum and maximum exactly', () => {
    fc.assert(
      fc.property(durations, (values) => {
        expect(recorded(values)).toMatchObject({
          count: values.length,
          sumUs: values.reduce((sum, value) => sum + value, 0),
          minUs: Math.min(...values),
          maxUs: Math.max(...values),
        });
      }),
    );
  });

  it.each([65_535, 65_536, 65_537, 200_000])('counts %d times the same', (times) => {
    const many = recorded([7, ...new Array<number>(times).fill(1_000)]);
    expect(bucketsOf(many)).toEqual([7, 1, 1_000, times]);
    expect(many.percentiles([0, 50, 100])).toEqual([7, 1_000, 1_000]);
  });

  it('is its own, whatever others share its memory', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const pages = histogramPages();
        const [one, other] = [new Histogram(pages), new Histogram(pages)];
        for (const us of a) one.record(us);
        for (const us of b) other.record(us);
        expect(bucketsOf(one)).toEqual(bucketsOf(recorded(a)));
        expect(bucketsOf(other)).toEqual(bucketsOf(recorded(b)));
      }),
    );
  });

  it('counts more than an hour in its last bucket, and keeps the maximum exact', () => {
    const histogram = recorded([1_000, 5 * longestUs]);
    expect(histogram.maxUs).toBe(5 * longestUs);
    const p100 = histogram.percentile(100);
    expect(p100).toBeGreaterThanOrEqual(longestUs);
    expect(p100).toBeLessThanOrEqual(longestUs * 1.001);
  });

  it('has no percentile without values', () => {
    expect(new Histogram().percentiles([50, 99])).toEqual([Number.NaN, Number.NaN]);
  });

  it('finds the rank where floating point would find the one above', () => {
    expect((99.9 * 41_000) / 100).toBeGreaterThan(40_959);
    const values = Array.from({ length: 41_000 }, (_, at) => (at < 40_959 ? 1 : 100));
    expect(recorded(values).percentile(99.9)).toBe(1);
  });
});

describe('a bucket', () => {
  it('contains its values, is narrower than 0.1 %, and touches the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: longestUs }), (us) => {
        const index = indexOf(us);
        expect(lowestOf(index)).toBeLessThanOrEqual(us);
        expect(highestOf(index)).toBeGreaterThanOrEqual(us);
        expect(highestOf(index) - lowestOf(index)).toBeLessThanOrEqual(us * 0.001);
        expect(lowestOf(index + 1)).toBe(highestOf(index) + 1);
      }),
    );
  });
});

function recorded(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Index, count, index, count, … */
function bucketsOf(histogram: Histogram): readonly number[] {
  const buckets: number[] = [];
  histogram.visit((index, count) => {
    buckets.push(index, count);
  });
  return buckets;
}
