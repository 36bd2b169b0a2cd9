/** plan.json: what the agent hands to the engine's host process, parsed strictly. */

import { readUntrusted } from '../../files/untrusted-text.ts';
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
  type Wrong,
} from '../../schema.ts';
import { maxStopGraceMs, type Plan } from '../engine.ts';
import { parseEngineFile } from './json-file.ts';

/** A plan holds what the scenario's files become for the engine. */
const maxBytes = 128 * 1024 ** 2;

/** Paths of planned files stay inside the output folder. */
const innerPath = text(
  'a relative path that does not leave the output folder',
  (path) =>
    path !== '' && !path.includes('\0') && !path.startsWith('/') && !path.split('/').includes('..'),
);

const phase = object(
  { name: text(), startMs: amount, durationMs: amount },
  { arrivalRate: amount, users: amount },
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
    loadPhases: list(phase),
    targets: list(text()),
    changes: list(object({ what: text(), why: text() }, { where: text() })),
    sampling: object(
      { requests: oneOf('each', 'overall', 'intervals') },
      {
        requestName: text(),
        note: text(),
        enclosing: list(text()),
        duration: oneOf('total', 'without-connect', 'first-byte'),
        resolutionUs: amount,
      },
    ),
    limits: object(
      { durationMs: number('a number above 0', (value) => value > 0), minFreeBytes: amount },
      { drainMs: amount },
    ),
  },
  { plannedDurationMs: amount, plannedUsers: amount, stop: stopSignal },
);

/** Throws `ENGINE_FILE_INVALID`. */
export function parsePlan(json: string, path = 'plan.json'): Plan {
  return parseEngineFile(planSchema, json, path);
}

export async function readPlan(path: string): Promise<Plan> {
  const json = readUntrusted(path, { maxBytes });
  if (json === undefined) throw Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT' });
  return parsePlan(json, path);
}

/** A program and its arguments. */
function command(value: unknown, wrong: Wrong, where = ''): value is [string, ...string[]] {
  if (!list(text())(value, wrong, where)) return false;
  return someText(value[0], wrong, `${where}.0`);
}
