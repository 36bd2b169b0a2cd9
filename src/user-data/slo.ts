/** Service level objectives: the rules' grammar. Pure. */

/** What a rule looks at: the whole run, or one transaction or request by name. */
export type SloScope =
  | Readonly<{ kind: 'run' }>
  | Readonly<{ kind: 'transaction' | 'request'; name: string }>;

/**
 * One rule. `threshold` is in the metric's base unit: milliseconds for durations, a share from 0 to 1 for `errors`,
 * per second for `throughput`, a plain number for `count`.
 */
export type SloRule = Readonly<{
  text: string;
  scope: SloScope;
  metric:
    | Readonly<{ kind: 'percentile'; percentile: number }>
    | Readonly<{ kind: 'mean' | 'min' | 'max' | 'errors' | 'throughput' | 'count' }>;
  comparison: '<' | '<=' | '>' | '>=';
  threshold: number;
}>;
