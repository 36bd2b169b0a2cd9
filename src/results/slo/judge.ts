/** Checks the SLO rules against the measurements. Pure. */

import { mostFailed, type SloResult, type SloVerdict } from '../../slo/result.ts';
import {
  isOfDurations,
  limitsDurations,
  type SloMetric,
  type SloRule,
  type SloScope,
} from '../../slo/rule.ts';
import { type LoadProgress, withoutHaste } from './open.ts';
import type { WorstWindow } from './windows.ts';
import type { SucceededDurations } from './without-failed.ts';

/** The figures of one scope; one that was not measured is absent. `errorShare`: 0 to 1. */
export type Measured = Readonly<{
  count: number;
  perSecond: number;
  errorShare?: number;
  /** If some errors may or may not belong to it: the share if all of them do. */
  errorShareAtMost?: number;
  /**
   * What share of the requests its durations are of, or of all the run's, failed: whichever is
   * more.
   */
  failedShare?: number;
  meanMs?: number;
  minMs?: number;
  maxMs?: number;
  /** Absent if there are no samples. */
  percentileMs?: (percent: number) => number;
  /** Where some failed: the durations of the others, at most. */
  succeeded?: SucceededDurations;
}>;

/**
 * `of` returns the figures of a scope, `worstWindow` the window that decides a rule over windows;
 * undefined if there are none.
 */
type RuleFigures = Readonly<{
  of(scope: SloScope): Measured | undefined;
  worstWindow(rule: SloRule, windowMs: number): WorstWindow | undefined;
}>;

/** A rule without a figure fails, once the load is over. */
export function judge(
  rules: readonly SloRule[],
  figures: RuleFigures,
  progress: LoadProgress,
): SloVerdict {
  const results = rules
    .map((rule) =>
      rule.windowMs === undefined
        ? judgeRule(rule, figures.of(rule.scope))
        : judgeWindow(rule, figures.worstWindow(rule, rule.windowMs)),
    )
    .map((result) => withoutHaste(result, progress));
  return { verdict: verdictOf(results), rules: results };
}

function judgeRule(rule: SloRule, measured: Measured | undefined): SloResult {
  const { failedShare = 0, errorShareAtMost } = measured ?? {};
  // How fast requests fail says nothing about how fast they are answered.
  if (isOfDurations(rule) && failedShare > mostFailed) return { rule, ok: false, failedShare };
  const value = measured === undefined ? undefined : figure(rule.metric, measured);
  if (value === undefined || Number.isNaN(value)) return { rule, ok: false };
  const most =
    rule.metric.kind === 'errors' ? (errorShareAtMost ?? value) : slowest(rule, value, measured);
  return {
    rule,
    ok: holds(value, rule) && holds(most, rule),
    measured: value,
    ...(most === value ? {} : { measuredAtMost: most }),
  };
}

/** A request that failed soon makes no limit met. */
function slowest(rule: SloRule, value: number, measured: Measured | undefined): number {
  const { succeeded } = measured ?? {};
  if (succeeded === undefined || !limitsDurations(rule)) return value;
  const its = figure(rule.metric, { count: 0, perSecond: 0, ...succeeded });
  return Math.max(value, its ?? value);
}

function judgeWindow(rule: SloRule, window: WorstWindow | undefined): SloResult {
  if (window === undefined) return { rule, ok: false };
  const { worst, worstAtMost, worstAtMs, windowMs, failedShare } = window;
  const place = { worstAtMs, windowMs };
  if (failedShare !== undefined) return { rule, ok: false, failedShare, ...place };
  const atMost = worstAtMost === worst ? {} : { measuredAtMost: worstAtMost };
  const ok = holds(worst, rule) && holds(worstAtMost, rule);
  return { rule, ok, measured: worst, ...atMost, ...place };
}

function figure(metric: SloMetric, measured: Measured): number | undefined {
  // Zero is a figure for `count` and `throughput`; all other metrics have none then.
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
  if (results.some(({ ok }) => ok === false)) return 'fail';
  return results.every(({ ok }) => ok) ? 'pass' : 'pending';
}
