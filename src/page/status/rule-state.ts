/** Where a rule stands: met, missed, or open while the run goes on. */

import type { Summary } from '../../report/summary.ts';
import type { SloResult } from '../../slo/result.ts';

type RuleState = 'kept' | 'missed' | 'open';

type Judged = Pick<Summary, 'final' | 'totals'>;

/** A rule stays open until something is measured; a count that must be reached, until the end. */
export function ruleState({ final, totals }: Judged, result: SloResult): RuleState {
  const { rule, ok, measured, failedShare } = result;
  if (final) return ok ? 'kept' : 'missed';
  const isNothingMeasured = measured === undefined && failedShare === undefined;
  if (isNothingMeasured || totals.requests + totals.otherErrors === 0) return 'open';
  if (ok) return 'kept';
  return rule.metric.kind === 'count' && rule.comparison.startsWith('>') ? 'open' : 'missed';
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
