/**
 * Turns counts per step into rates per second, averaged if there are more steps than visible
 * points.
 */

import type { Summary } from '../../report/summary.ts';
import type { Series } from '../../results/measurements.ts';
import type { Column } from './timeline.ts';

/** How many points of a rate are drawn; more would be a band of noise. */
const points = 120;

/** How many steps each point covers, when `steps` of them are visible. */
export function windowOf(steps: number): number {
  return Math.max(1, Math.floor(steps / points));
}

/** The mean rate over the `window` steps around each step; steps without a value do not count. */
export function perSecond(values: Column, stepMs: number, window = 1): Column {
  if (window <= 1) return values.map((value) => (value === null ? null : (value * 1000) / stepMs));
  const sums: number[] = [0];
  const counts: number[] = [0];
  for (const [index, value] of values.entries()) {
    sums.push((sums[index] ?? 0) + (value ?? 0));
    counts.push((counts[index] ?? 0) + (value === null ? 0 : 1));
  }
  return values.map((value, index) => {
    const from = Math.max(0, index - Math.floor((window - 1) / 2));
    const to = Math.min(values.length, index + Math.floor(window / 2) + 1);
    const measured = (counts[to] ?? 0) - (counts[from] ?? 0);
    if (value === null || measured === 0) return null;
    return (((sums[to] ?? 0) - (sums[from] ?? 0)) / measured) * (1000 / stepMs);
  });
}

/** The share of errors in each step; null where nothing ended. */
export function errorShares({ requests, failed, errors }: Series): Column {
  const kinds = Object.values(errors);
  return failed.map((bad, index) => {
    // Each failed request is an error of some kind; any further errors are not about requests.
    const counted = kinds.reduce((sum, values) => sum + (values[index] ?? 0), 0);
    const all = Math.max(bad, counted);
    const ends = (requests[index] ?? 0) + all - bad;
    return ends === 0 ? null : Math.min(1, all / ends);
  });
}

type Received = Readonly<{
  totals: Pick<Summary['totals'], 'bytesReceived' | 'perSecond' | 'requests'>;
  series: Readonly<{ requests: readonly number[]; stepMs: number }>;
}>;

/**
 * Bytes per second over the same time as the throughput, or over the whole series if there is none.
 */
export function receivedPerSecond({ totals, series }: Received): number | undefined {
  const { bytesReceived, perSecond: rate, requests } = totals;
  if (bytesReceived === undefined) return undefined;
  if (requests > 0) return (bytesReceived * rate) / requests;
  return (bytesReceived * 1000) / Math.max(1, series.requests.length * series.stepMs);
}
