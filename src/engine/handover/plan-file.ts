/** plan.json: what the agent hands to the engine's supervisor, parsed strictly. */

import { basename, dirname } from 'node:path';
import {
  amount,
  dictionary,
  list,
  number,
  object,
  oneOf,
  type Schema,
  someText,
  text,
  truth,
  type Wrong,
} from '../../schema.ts';
import { maxStopGraceMs, type Plan } from '../engine.ts';
import { changeSchema, loadPhaseSchema, samplingSchema } from '../plan-parts.ts';
import { type JsonFile, parseJsonFile, readJsonFile } from './json-file.ts';

export const planFile = 'plan.json';

/** Paths of planned files stay inside the output folder. */
const innerPath = text(
  'a relative path that does not leave the output folder',
  (path) =>
    path !== '' && !path.includes('\0') && !path.startsWith('/') && !path.split('/').includes('..'),
);

const stopSignal = object({
  signal: oneOf('SIGINT', 'SIGTERM'),
  graceMs: number(
    `a number from 0 to ${maxStopGraceMs}`,
    (value) => value >= 0 && value <= maxStopGraceMs,
  ),
});

const planSchema: Schema<Plan> = object(
  {
    engine: someText,
    argv: command,
    env: dictionary(text()),
    cwd: text('an absolute path', (path) => path.startsWith('/')),
    files: list(object({ path: innerPath, content: text() })),
    loadPhases: list(loadPhaseSchema),
    targets: list(text()),
    changes: list(changeSchema),
    sampling: samplingSchema,
    limits: object(
      { durationMs: number('a number above 0', (value) => value > 0), minFreeBytes: amount },
      { drainMs: amount },
    ),
  },
  { plannedDurationMs: amount, plannedUsers: amount, hasOpenTargets: truth, stop: stopSignal },
);

/** It holds what the scenario's files become for the engine. */
const file: JsonFile<Plan> = { name: planFile, schema: planSchema, maxBytes: 128 * 1024 ** 2 };

/** Throws `ENGINE_FILE_INVALID`. */
export function parsePlan(json: string, path = planFile): Plan {
  return parseJsonFile(file, json, path);
}

/** Throws `ENGINE_FILE_INVALID`, RefusedFile, and an error with the code ENOENT. */
export async function readPlan(path: string): Promise<Plan> {
  const plan = readJsonFile({ ...file, name: basename(path) }, dirname(path));
  if (plan === undefined) throw Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT' });
  return plan;
}

/** A program and its arguments. */
function command(value: unknown, wrong: Wrong, where = ''): value is [string, ...string[]] {
  if (!list(text())(value, wrong, where)) return false;
  return someText(value[0], wrong, `${where}.0`);
}
