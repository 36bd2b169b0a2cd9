/** Where a rule stands: met, missed, or open while the run goes on. */

import type { Summary } from '../../report/summary.ts';
import type { SloResult } from '../../slo/result.ts';

type RuleState = 'kept' | 'missed' | 'open';

export type Judged = Pick<Summary, 'final' | 'totals' | 'run' | 'series'>;

/** Where the plan does not say how long the load is. */
const unknownPlanMs = 60_000;

/** A rule stays open until something is measured, or while what must be reached is on its way. */
export function ruleState(summary: Judged, result: SloResult): RuleState {
  const { final, totals } = summary;
  const { ok, measured, failedShare } = result;
  if (final) return ok ? 'kept' : 'missed';
  const isNothingMeasured = measured === undefined && failedShare === undefined;
  if (isNothingMeasured || totals.requests + totals.otherErrors === 0) return 'open';
  if (ok) return 'kept';
  return isOnItsWay(summary, result) ? 'open' : 'missed';
}

/** A count grows until the end; a mean throughput is low while the load grows. */
function isOnItsWay({ run, series }: Judged, { rule }: SloResult): boolean {
  const { metric, comparison, windowMs } = rule;
  if (!comparison.startsWith('>') || windowMs !== undefined) return false;
  const passedMs = series.requests.length * series.stepMs;
  const isEarly = passedMs < (run.plannedDurationMs ?? unknownPlanMs) / 2;
  return metric.kind === 'count' || (metric.kind === 'throughput' && isEarly);
}

/** The first rule about the whole run that is missed and has such a metric. */
export function missedRule(
  summary: Judged & Pick<Summary, 'slo'>,
  isMetric: (metric: SloResult['rule']['metric']) => boolean,
): SloResult | undefined {
  return summary.slo.rules.find(
    (result) =>
      result.rule.scope.kind === 'run' &&
      isMetric(result.rule.metric) &&
      ruleState(summary, result) === 'missed',
  );
}
