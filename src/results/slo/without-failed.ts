/**
 * Durations of what succeeded, from those of everything: at most, and exactly where the failed ones
 * are known one by one. Pure.
 */

import { type Histogram, rankOf } from '../counting/histogram.ts';

/** In milliseconds. */
export type SucceededDurations = Readonly<{
  meanMs: number;
  minMs: number;
  percentileMs(percent: number): number;
}>;

/** Of requests: `failures` are all in `all`. */
export function exactly(all: Histogram, failures: Histogram): SucceededDurations {
  const without = (percent: number): number => all.percentileWithout(failures, percent) / 1_000;
  return {
    meanMs: (all.sumUs - failures.sumUs) / (all.count - failures.count) / 1_000,
    minMs: without(0),
    percentileMs: without,
  };
}

/** Where it is only known that `failed` of them did: as if these had been the fastest. */
export function atMost(all: Histogram, failed: number): SucceededDurations {
  const { count, sumUs } = all;
  const without = (percent: number): number =>
    all.percentile(percentWithout(percent, { count, failed })) / 1_000;
  return {
    meanMs: sumUs / (count - failed) / 1_000,
    minMs: without(0),
    percentileMs: without,
  };
}

/** Which percentile of all is this one of what is left without the `failed` fastest. */
export function percentWithout(
  percent: number,
  { count, failed }: Readonly<{ count: number; failed: number }>,
): number {
  return ((failed + rankOf(percent, count - failed)) / count) * 100;
}
