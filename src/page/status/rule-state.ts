/** Where a rule stands: kept, missed, or open while it is too early to say. */

import type { Summary } from '../../report/summary.ts';
import type { SloResult } from '../../slo/result.ts';

type RuleState = 'kept' | 'missed' | 'open';

export function ruleState({ ok }: SloResult): RuleState {
  if (ok === undefined) return 'open';
  return ok ? 'kept' : 'missed';
}

/** The first rule about the whole run that is missed and has such a metric. */
export function missedRule(
  { slo }: Pick<Summary, 'slo'>,
  isMetric: (metric: SloResult['rule']['metric']) => boolean,
): SloResult | undefined {
  return slo.rules.find(
    (result) =>
      result.rule.scope.kind === 'run' &&
      isMetric(result.rule.metric) &&
      ruleState(result) === 'missed',
  );
}
