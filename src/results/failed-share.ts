/**
 * Which share of what a name counts has failed, and the 95th percentile of the rest; runs in the
 * agent and in the browser. Pure.
 */

import type { Latency, NameStats } from './summary.ts';

/** 0 to 1. Undefined where failures are not known. */
export function failedShare({
  count,
  failed,
  transactions = count,
}: Pick<NameStats, 'count' | 'failed' | 'transactions'>): number | undefined {
  return failed === undefined || transactions === 0 ? undefined : failed / transactions;
}

/** The 95th percentile without what failed, where it is another than with it by more than a tenth. */
export function otherP95({ p95Ms, p95OkMs }: Latency): number | undefined {
  if (p95OkMs === undefined || Math.abs(p95OkMs - p95Ms) <= p95OkMs / 10) return undefined;
  return p95OkMs;
}
