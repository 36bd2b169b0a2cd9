/** The schemas of rules that were parsed earlier and kept. Their types are in rule.ts. */

import { either, number, object, oneOf, type Schema, text } from '../schema.ts';
import type { SloMetric, SloRule, SloScope } from './rule.ts';

const scope: Schema<SloScope> = either(
  'the scope of a rule',
  object({ kind: oneOf('run') }),
  object({ kind: oneOf('transaction', 'request'), name: text() }),
);

const metric: Schema<SloMetric> = either(
  'the metric of a rule',
  object({ kind: oneOf('percentile'), percentile: number() }),
  object({ kind: oneOf('mean', 'min', 'max', 'errors', 'throughput', 'count') }),
);

export const sloRuleSchema: Schema<SloRule> = object(
  {
    text: text(),
    scope,
    metric,
    comparison: oneOf('<', '<=', '>', '>='),
    threshold: number(),
  },
  { windowMs: number() },
);
