/** Results of the rules: each rule with its measured numbers, for viewers to format. */

import type { SloRule } from './rule.ts';

/** Durations say nothing where more than this share of the requests failed. */
export const mostFailed = 0.5;

/**
 * The result of one rule. A rule for which nothing was measured has neither `measured` nor
 * `failedShare`, and is missed once the load is over. Numbers are in the rule's base unit, as its
 * `threshold` is.
 */
export type SloResult = Readonly<{
  rule: SloRule;
  /** Absent while the load goes on and it is too early to say. */
  ok?: boolean;
  measured?: number;
  /**
   * The upper bound, which must meet the rule too. Of an error share that is known only roughly,
   * `measured` is the lower bound. Of durations: the most it can be without the failed requests.
   */
  measuredAtMost?: number;
  /** For a rule about durations that was missed because over half failed: the share, 0 to 1. */
  failedShare?: number;
  /** When the worst window began, and how long the windows were: whole steps of the series. */
  worstAtMs?: number;
  windowMs?: number;
}>;

/** `pending`: no rule is missed yet, and not all can be judged. `none`: there are no rules. */
export type SloVerdict = Readonly<{
  verdict: 'pass' | 'fail' | 'pending' | 'none';
  rules: readonly SloResult[];
}>;
