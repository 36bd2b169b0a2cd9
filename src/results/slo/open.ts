/** Which rules cannot be judged yet, while the load goes on. Pure. */

import type { SloResult } from '../../slo/result.ts';

export type LoadProgress = Readonly<{
  isOver: boolean;
  /** Whether a request has ended, or an error has happened. */
  hasEnds: boolean;
  passedMs: number;
  plannedMs: number | undefined;
}>;

/** Where the plan does not say how long the load is. */
const unknownPlanMs = 60_000;

/** The result, without a verdict where it is too early for one. */
export function withoutHaste(result: SloResult, progress: LoadProgress): SloResult {
  if (progress.isOver || !isOpen(result, progress)) return result;
  const { ok: _, ...rest } = result;
  return rest;
}

/** A rule is open until something is measured, or while what must be reached is on its way. */
function isOpen(result: SloResult, progress: LoadProgress): boolean {
  const { failedShare, measured, ok } = result;
  if (!progress.hasEnds || (measured === undefined && failedShare === undefined)) return true;
  return ok === false && isOnItsWay(result, progress);
}

/** A count grows until the end; a mean throughput is low while the load grows. */
function isOnItsWay({ rule }: SloResult, { passedMs, plannedMs }: LoadProgress): boolean {
  const { metric, comparison, windowMs } = rule;
  if (!comparison.startsWith('>') || windowMs !== undefined) return false;
  const isEarly = passedMs < (plannedMs ?? unknownPlanMs) / 2;
  return metric.kind === 'count' || (metric.kind === 'throughput' && isEarly);
}
