/** Rules for tests, and their results. */

import { parseSlo } from '../../src/slo/parse.ts';
import type { SloResult } from '../../src/slo/result.ts';
import type { SloRule } from '../../src/slo/rule.ts';

/** Throws if the text is not a rule. */
export function sloRule(text: string): SloRule {
  const rule = parseSlo(text);
  if ('code' in rule) throw new Error(rule.message);
  return rule;
}

/**
 * `found`: the rest of the result; nothing was measured unless it says so. `ok`: undefined while
 * it is too early to say.
 */
export function sloResult(
  text: string,
  ok: boolean | undefined,
  found: Omit<Partial<SloResult>, 'rule' | 'ok'> = {},
): SloResult {
  return { rule: sloRule(text), ...(ok === undefined ? {} : { ok }), ...found };
}
