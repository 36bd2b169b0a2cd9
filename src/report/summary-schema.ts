/**
 * Parses summary.json. Another version of Onager may have written it: further fields are kept, but
 * a summary that lacks what this version shows is refused.
 */

import { loadPhaseSchema } from '../engine/plan-parts.ts';
import { measured, measuredOptional } from '../results/measurements-schema.ts';
import { stateParts } from '../run/state-schema.ts';
import {
  amount,
  list,
  object,
  oneOf,
  parseWithSchema,
  type Schema,
  text,
  time,
  truth,
} from '../schema.ts';
import type { Summary } from './summary.ts';

/** Throws a SyntaxError that says what is wrong with it. */
export function parseSummary(json: string): Summary {
  return parseWithSchema(summary, json, { unknownFields: 'kept' });
}

const { cluster, engine, instance, machine, outcome, phase, problem, scenario } = stateParts;

const run: Schema<Summary['run']> = object(
  { id: text(), phase, problems: list(problem), warnings: list(problem) },
  { outcome, exitCode: amount, plannedDurationMs: amount, plannedUsers: amount, stopAskedAt: time },
);

const summary: Schema<Summary> = object(
  {
    ...measured,
    schema: oneOf('onager.summary/1'),
    final: truth,
    generatedAt: time,
    onager: text(),
    run,
    loadPhases: list(loadPhaseSchema),
  },
  { ...measuredOptional, instance, machine, cluster, scenario, engine },
);
