/** How the JSON files that pass between the agent and the engine's host process are checked. */

import type { z } from 'zod';
import { OnagerError } from '../errors.ts';

/** Throws `ENGINE_FILE_INVALID`, which names every place that is wrong. */
export function parseEngineFile<T>(schema: z.ZodType<T>, text: string, path: string): T {
  const result = schema.safeParse(parseJson(text, path));
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw invalid(path, places.join('; '));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, 'not JSON', error);
  }
}

function invalid(path: string, what: string, cause?: unknown): OnagerError {
  return new OnagerError('ENGINE_FILE_INVALID', `cannot understand ${path}: ${what}`, {
    hint: 'this file is written by Onager itself: was it changed, or written by another version?',
    where: path,
    cause,
  });
}
