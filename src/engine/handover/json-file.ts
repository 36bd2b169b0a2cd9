/** How the JSON files that pass between the agent and the engine's host process are checked. */

import { messageOf, OnagerError } from '../../errors.ts';
import { parseWithSchema, type Schema } from '../../schema.ts';

/** Throws `ENGINE_FILE_INVALID`, which names every place that is wrong. */
export function parseEngineFile<T>(schema: Schema<T>, text: string, path: string): T {
  try {
    return parseWithSchema(schema, text);
  } catch (cause) {
    const what = messageOf(cause);
    throw new OnagerError('ENGINE_FILE_INVALID', `cannot understand ${path}: ${what}`, {
      hint: 'this file is written by Onager itself: was it changed, or written by another version?',
      where: path,
      cause,
    });
  }
}
