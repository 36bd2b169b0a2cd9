/**
 * The rules of service level objectives. Their grammar:
 *
 *     rule       = [ scope "." ] metric comparison value [ "over" duration ]
 *     scope      = ( "transaction" | "request" ) "(" name ")"
 *     name       = '"' text with \" and \\ '"' | text with balanced parentheses
 *     metric     = percentile | "mean" | "min" | "max" | "errors" | "throughput" | "count"
 *     percentile = "p" number             from p50 to p99.99, with at most two decimals
 *     comparison = "<" | "<=" | ">" | ">="
 *     value      = duration               of percentile, mean, min and max
 *                | number [ "%" ]         of errors: a percentage, or a share from 0 to 1
 *                | number "/" time        of throughput: a number per second, minute or hour
 *                | digits                 of count
 *     time       = "s" | "sec" | "m" | "min" | "h"
 *     duration   = number with a unit: 300ms, 1.5s, 2m
 *
 * After `over` comes the length of the windows, from 1s to 1h in whole seconds. Only rules about
 * the whole run have windows, and neither `count` nor `min` does.
 */

/** What a rule looks at: the whole run, or one transaction or request by name. */
export type SloScope =
  | Readonly<{ kind: 'run' }>
  | Readonly<{ kind: 'transaction' | 'request'; name: string }>;

export type SloMetric =
  | Readonly<{ kind: 'percentile'; percentile: number }>
  | Readonly<{ kind: 'mean' | 'min' | 'max' | 'errors' | 'throughput' | 'count' }>;

/**
 * One rule. `text`: as it was written. `threshold` is in the metric's base unit: milliseconds for
 * durations, a share from 0 to 1 for `errors`, per second for `throughput`, a plain number for
 * `count`. With `windowMs` the rule must hold in every stretch of that length.
 */
export type SloRule = Readonly<{
  text: string;
  scope: SloScope;
  metric: SloMetric;
  comparison: '<' | '<=' | '>' | '>=';
  threshold: number;
  windowMs?: number;
}>;

export function isOfDurations({ metric: { kind } }: SloRule): boolean {
  return kind === 'percentile' || kind === 'mean' || kind === 'min' || kind === 'max';
}

/** Whether it says how long something may take at most. */
export function limitsDurations(rule: SloRule): boolean {
  return isOfDurations(rule) && rule.comparison.startsWith('<');
}
