/** plan.json: what the agent hands to the engine's host process, parsed strictly. */

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Plan } from './engine.ts';
import { parseEngineFile } from './engine-file.ts';

/** Paths of planned files stay inside the output folder. */
const innerPath = z
  .string()
  .min(1)
  .refine((path) => !path.includes('\0') && !path.startsWith('/'), 'must be relative')
  .refine((path) => !path.split('/').includes('..'), 'must not leave the output folder');

const milliseconds = z.number().min(0);

const planSchema = z.strictObject({
  engine: z.string().min(1),
  argv: z.tuple([z.string().min(1)], z.string()),
  env: z.record(z.string(), z.string()),
  cwd: z.string().startsWith('/'),
  files: z.array(z.strictObject({ path: innerPath, content: z.string() })),
  plannedDurationMs: milliseconds.exactOptional(),
  plannedUsers: z.number().min(0).exactOptional(),
  phases: z.array(
    z.strictObject({
      name: z.string(),
      startMs: milliseconds,
      durationMs: milliseconds,
      arrivalRate: z.number().min(0).exactOptional(),
    }),
  ),
  targets: z.array(z.string()),
  changes: z.array(
    z.strictObject({ what: z.string(), why: z.string(), where: z.string().exactOptional() }),
  ),
  limits: z.strictObject({ durationMs: z.number().positive(), minFreeBytes: z.number().min(0) }),
}) satisfies z.ZodType<Plan>;

/** Throws `ENGINE_FILE_INVALID`. */
export function parsePlan(text: string, path = 'plan.json'): Plan {
  return parseEngineFile(planSchema, text, path);
}

export async function readPlan(path: string): Promise<Plan> {
  return parsePlan(await readFile(path, 'utf8'), path);
}
