/**
 * The failed share of a name, and the 95th percentile of the rest; runs in the agent and in the
 * browser. Pure.
 */

import type { Latency, NameStats, Totals } from './measurements.ts';

/** 0 to 1. Undefined if failures are not known. */
export function failedShare({
  count,
  failed,
}: Pick<NameStats, 'count' | 'failed'>): number | undefined {
  return failed === undefined || count === 0 ? undefined : failed / count;
}

/** Of the run, 0 to 1. Undefined if nothing ended yet that errors could be a share of. */
export function errorShareOf({
  errorShare,
  otherErrors,
  requests,
}: Pick<Totals, 'errorShare' | 'otherErrors' | 'requests'>): number | undefined {
  return requests + otherErrors === 0 ? undefined : errorShare;
}

/** As a percentage that shows 0 % only for none, and 100 % only for all. */
export function percentOf(share: number): string {
  const text = (share * 100).toFixed(2);
  if (share > 0 && text === '0.00') return '< 0.01 %';
  return share < 1 && text === '100.00' ? '> 99.99 %' : `${text} %`;
}

/**
 * The 95th percentile without failures, if it differs from the overall one by more than a tenth.
 */
export function otherP95({ p95Ms, p95OkMs }: Latency): number | undefined {
  if (p95OkMs === undefined || Math.abs(p95OkMs - p95Ms) <= p95OkMs / 10) return undefined;
  return p95OkMs;
}
