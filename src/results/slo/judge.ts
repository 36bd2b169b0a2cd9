/** Holds the rules against what was measured. Pure. */

import type { SloRule, SloScope } from '../../slo/rule.ts';
import { formatSloValue } from '../../slo/values.ts';
import { mostFailed } from '../failed-share.ts';
import type { SloResult, SloVerdict } from '../summary.ts';
import type { WorstWindow } from './windows.ts';

export function isOfDurations({ metric: { kind } }: SloRule): boolean {
  return kind === 'percentile' || kind === 'mean' || kind === 'min' || kind === 'max';
}

/** What is known of one scope; a figure that was not measured is absent. `errorShare`: 0 to 1. */
export type Measured = Readonly<{
  count: number;
  perSecond: number;
  errorShare?: number;
  /** Where some errors may or may not belong to it: the share if all of them did. */
  errorShareAtMost?: number;
  /** What share of the requests its durations are of, or of all the run's, failed: whichever is more. */
  failedShare?: number;
  meanMs?: number;
  minMs?: number;
  maxMs?: number;
  /** Absent where there are no samples. */
  percentileMs?: (percent: number) => number;
}>;

/** `of` gives what is known of a scope, `worstWindow` the window that decides a rule over such; undefined if nothing was seen. */
export type Measurer = Readonly<{
  of(scope: SloScope): Measured | undefined;
  worstWindow(rule: SloRule, windowMs: number): WorstWindow | undefined;
}>;

/** A rule without a figure fails. */
export function judge(rules: readonly SloRule[], measurer: Measurer): SloVerdict {
  const results = rules.map((rule) =>
    rule.windowMs === undefined
      ? judgeRule(rule, measurer.of(rule.scope))
      : judgeWindow(rule, measurer.worstWindow(rule, rule.windowMs)),
  );
  return { verdict: verdictOf(results), rules: results };
}

function judgeRule(rule: SloRule, measured: Measured | undefined): SloResult {
  const { failedShare = 0, errorShareAtMost } = measured ?? {};
  if (isOfDurations(rule) && failedShare > mostFailed) return failed(rule, failedShare);
  const value = measured === undefined ? undefined : figure(rule.metric, measured);
  if (value === undefined || Number.isNaN(value)) return { rule: rule.text, ok: false };
  const most = rule.metric.kind === 'errors' ? (errorShareAtMost ?? value) : value;
  const least = formatSloValue(rule, value);
  return {
    rule: rule.text,
    ok: holds(value, rule) && holds(most, rule),
    measured: most === value ? least : `between ${least} and ${formatSloValue(rule, most)}`,
  };
}

function judgeWindow(rule: SloRule, window: WorstWindow | undefined): SloResult {
  if (window === undefined) return { rule: rule.text, ok: false };
  const { worst, worstAtMs, windowMs, failedShare } = window;
  const at = new Date(worstAtMs).toISOString().slice(11, 19);
  const place = { worstAtMs, windowMs };
  if (failedShare !== undefined) {
    const result = failed(rule, failedShare);
    return { ...result, ...place, measured: `${result.measured} at ${at} UTC` };
  }
  const measured = `${formatSloValue(rule, worst)} at ${at} UTC`;
  return { rule: rule.text, ok: holds(worst, rule), measured, ...place };
}

/** How soon a request fails says nothing of how soon one is answered. */
function failed(rule: SloRule, failedShare: number): SloResult {
  const tenths = Math.round(failedShare * 1_000);
  // More than half, and not all of them unless it is so.
  const shown = Math.max(mostFailed * 1_000 + 1, failedShare < 1 ? Math.min(tenths, 999) : tenths);
  const measured = `${shown / 10} % failed`;
  return { rule: rule.text, ok: false, measured, failedShare };
}

function figure(metric: SloRule['metric'], measured: Measured): number | undefined {
  // Nothing counted is a figure for `count` and `throughput`; all others then have none.
  if (metric.kind === 'count') return measured.count;
  if (metric.kind === 'throughput') return measured.perSecond;
  switch (metric.kind) {
    case 'percentile':
      return measured.percentileMs?.(metric.percentile);
    case 'errors':
      return measured.errorShare;
    case 'mean':
      return measured.meanMs;
    case 'min':
      return measured.minMs;
    case 'max':
      return measured.maxMs;
    default:
      return metric.kind satisfies never;
  }
}

function holds(value: number, { comparison, threshold }: SloRule): boolean {
  switch (comparison) {
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    default:
      return comparison satisfies never;
  }
}

function verdictOf(results: readonly SloResult[]): SloVerdict['verdict'] {
  if (results.length === 0) return 'none';
  return results.every(({ ok }) => ok) ? 'pass' : 'fail';
}
