/** plan.json: what the agent hands to the engine's host process, parsed strictly. */

import { readFile } from 'node:fs/promises';
import {
  amount,
  dictionary,
  list,
  number,
  object,
  type Shape,
  someText,
  text,
  type Wrong,
} from '../shape.ts';
import type { Plan } from './engine.ts';
import { parseEngineFile } from './engine-file.ts';

/** Paths of planned files stay inside the output folder. */
const innerPath = text(
  'a relative path that does not leave the output folder',
  (path) =>
    path !== '' && !path.includes('\0') && !path.startsWith('/') && !path.split('/').includes('..'),
);

const phase = object(
  { name: text(), startMs: amount, durationMs: amount },
  { arrivalRate: amount },
);

const planShape: Shape<Plan> = object(
  {
    engine: someText,
    argv: command,
    env: dictionary(text()),
    cwd: text('an absolute path', (path) => path.startsWith('/')),
    files: list(object({ path: innerPath, content: text() })),
    phases: list(phase),
    targets: list(text()),
    changes: list(object({ what: text(), why: text() }, { where: text() })),
    limits: object(
      { durationMs: number('a number above 0', (value) => value > 0), minFreeBytes: amount },
      { drainMs: amount },
    ),
  },
  { plannedDurationMs: amount, plannedUsers: amount },
);

/** Throws `ENGINE_FILE_INVALID`. */
export function parsePlan(json: string, path = 'plan.json'): Plan {
  return parseEngineFile(planShape, json, path);
}

export async function readPlan(path: string): Promise<Plan> {
  return parsePlan(await readFile(path, 'utf8'), path);
}

/** A program and its arguments. */
function command(value: unknown, wrong: Wrong, where = ''): value is [string, ...string[]] {
  if (!list(text())(value, wrong, where)) return false;
  return someText(value[0], wrong, `${where}.0`);
}
