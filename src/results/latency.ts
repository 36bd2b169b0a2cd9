/** Summarises durations: percentiles, and the distribution in bins. Pure. */

import { type Histogram, highestOf } from './counting/histogram.ts';
import type { DistributionBin, Latency } from './measurements.ts';

const maxBins = 120;

export function latencyOf(histogram: Histogram, failures: Histogram | undefined): Latency {
  const { minUs, maxUs, sumUs, count } = histogram;
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0] = histogram.percentiles([
    50, 90, 95, 99, 99.9,
  ]);
  return {
    minMs: minUs / 1_000,
    meanMs: sumUs / count / 1_000,
    maxMs: maxUs / 1_000,
    p50Ms: p50 / 1_000,
    p90Ms: p90 / 1_000,
    p95Ms: p95 / 1_000,
    p99Ms: p99 / 1_000,
    p999Ms: p999 / 1_000,
    ...(failures === undefined || failures.count === count
      ? {}
      : { p95OkMs: histogram.percentileWithout(failures, 95) / 1_000 }),
  };
}

/**
 * Each bin holds as many of the histogram's own buckets as it takes to have no more than `maxBins`
 * from the smallest to the largest value.
 */
export function distributionOf(histogram: Histogram): DistributionBin[] {
  if (histogram.count === 0) return [];
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  histogram.visit((index) => {
    first = Math.min(first, index);
    last = index;
  });
  let bits = 0;
  while ((last >> bits) - (first >> bits) + 1 > maxBins) bits += 1;
  const bins: number[] = new Array((last >> bits) - (first >> bits) + 1).fill(0);
  histogram.visit((index, count) => {
    const bin = (index >> bits) - (first >> bits);
    bins[bin] = (bins[bin] ?? 0) + count;
  });
  return bins.map((count, bin) => ({
    upToMs: highestOf((((first >> bits) + bin + 1) << bits) - 1) / 1_000,
    count,
  }));
}
