/** What the rules came to: the measured numbers beside the rules, for viewers to format. */

import type { SloRule } from './rule.ts';

/** Durations say nothing where more than this share of the requests failed. */
export const mostFailed = 0.5;

/**
 * What one rule came to. A rule of which nothing was measured has neither `measured` nor
 * `failedShare`, and is missed. Numbers are in the rule's base unit, as its `threshold` is.
 */
export type SloResult = Readonly<{
  rule: SloRule;
  ok: boolean;
  measured?: number;
  /**
   * The most it can be, which must meet the rule too. Of an error share that is known only roughly,
   * `measured` is the least. Of durations, some of which are those of failed requests: without
   * these, at most.
   */
  measuredAtMost?: number;
  /** Of a rule about durations, missed because more than half failed: which share, 0 to 1. */
  failedShare?: number;
  /** When the worst window began, and how long the windows were: whole steps of the series. */
  worstAtMs?: number;
  windowMs?: number;
}>;

export type SloVerdict = Readonly<{
  verdict: 'pass' | 'fail' | 'none';
  rules: readonly SloResult[];
}>;
