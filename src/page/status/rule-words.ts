/** Rules and what they came to, in words. */

import type { Summary } from '../../report/summary.ts';
import { formatMeasured, formatSloValue } from '../../slo/format.ts';
import type { SloResult } from '../../slo/result.ts';
import type { SloMetric, SloRule } from '../../slo/rule.ts';
import { clock, plural } from '../format.ts';
import { ruleState } from './rule-state.ts';

/** How the rules stand. `until`: of which part of the load that is said, such as ` so far`. */
export function rulesSentence(summary: Summary, until = ''): string {
  const { rules, verdict } = summary.slo;
  if (verdict === 'none' || rules.length === 0) return '';
  const inState = (wanted: string): readonly SloResult[] =>
    rules.filter((result) => ruleState(result) === wanted);
  const [first, ...others] = inState('missed');
  const open = inState('open').length;
  const all = plural(rules.length, 'rule');
  if (first !== undefined)
    return `${others.length + 1} of ${all} missed${until}: ${ruleInWords(first)}.`;
  if (open === rules.length)
    return open === 1 ? 'The rule is not judged yet.' : `None of the ${all} is judged yet.`;
  if (open > 0) return `${rules.length - open} of ${all} kept${until}, ${open} not judged yet.`;
  const [is, are] = until === ' until then' ? ['was', 'were'] : ['is', 'are'];
  return rules.length === 1 ? `The rule ${is} kept${until}.` : `All ${all} ${are} kept${until}.`;
}

/** A missed rule as a sentence: `p95 of transaction login was 412 ms, not under 300 ms`. */
export function ruleInWords(result: SloResult): string {
  const { rule, failedShare, worstAtMs } = result;
  const { scope, comparison, threshold, windowMs } = rule;
  const of = scope.kind === 'run' ? '' : ` of ${scope.kind} ${scope.name}`;
  const over = windowMs === undefined ? '' : ` over ${windowLength(windowMs)}`;
  const subject = `${metricInWords(rule.metric)}${of}${over}`;
  const measured = measuredValue(result);
  if (measured === undefined) return `${subject} was not measured`;
  const at = worstAtMs === undefined ? '' : ` at ${clock(worstAtMs)}`;
  if (failedShare !== undefined) return `${subject} says nothing: ${measured}${at}`;
  const limit = unbroken(formatSloValue(rule, threshold));
  return `${subject} was ${measured}${at}, not ${comparisons[comparison]} ${limit}`;
}

/** What was measured, without when: that is shown beside it, in the viewer's zone. */
export function measuredValue(result: SloResult): string | undefined {
  const measured = formatMeasured(result);
  return measured === undefined ? undefined : unbroken(measured);
}

function metricInWords(metric: SloMetric): string {
  return metric.kind === 'percentile' ? `p${metric.percentile}` : metrics[metric.kind];
}

function windowLength(ms: number): string {
  const [unit, name] = units.find(([length]) => ms % length === 0) ?? [1, 'ms'];
  return `${ms / unit}\u00a0${name}`;
}

/** No line ends between a figure and its unit. */
function unbroken(text: string): string {
  return text.replace(/(\d) (?=ms|s|%)/gu, '$1\u00a0');
}

const units: readonly (readonly [number, string])[] = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

const metrics: Record<Exclude<SloMetric['kind'], 'percentile'>, string> = {
  errors: 'the error share',
  throughput: 'throughput',
  count: 'the count',
  mean: 'the mean',
  min: 'the minimum',
  max: 'the maximum',
};

const comparisons: Record<SloRule['comparison'], string> = {
  '<': 'under',
  '<=': 'at most',
  '>': 'over',
  '>=': 'at least',
};
