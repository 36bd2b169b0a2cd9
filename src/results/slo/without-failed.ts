/** Durations of what succeeded, from those of everything. Pure. */

import { type Histogram, rankOf } from '../counting/histogram.ts';

/** In milliseconds. */
export type SucceededDurations = Readonly<{
  meanMs: number;
  minMs: number;
  percentileMs(percent: number): number;
}>;

/** `failures` are all in `all`. */
export function exactly(all: Histogram, failures: Histogram): SucceededDurations {
  const without = (percent: number): number => all.percentileWithout(failures, percent) / 1_000;
  return {
    meanMs: (all.sumUs - failures.sumUs) / (all.count - failures.count) / 1_000,
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
