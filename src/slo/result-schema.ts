/** The schema of what rules came to, as a summary holds it. Its types are in result.ts. */

import { list, number, object, oneOf, type Schema, truth } from '../schema.ts';
import type { SloResult, SloVerdict } from './result.ts';
import { sloRuleSchema } from './rule-schema.ts';

const result: Schema<SloResult> = object(
  { rule: sloRuleSchema },
  {
    ok: truth,
    measured: number(),
    measuredAtMost: number(),
    failedShare: number(),
    worstAtMs: number(),
    windowMs: number(),
  },
);

export const sloVerdictSchema: Schema<SloVerdict> = object({
  verdict: oneOf('pass', 'fail', 'pending', 'none'),
  rules: list(result),
});
