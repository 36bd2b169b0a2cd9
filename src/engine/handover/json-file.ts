/** Reads the JSON files that agent and supervisor share: by a schema, up to a size limit. */

import { join } from 'node:path';
import { messageOf, OnagerError } from '../../errors.ts';
import { readUntrusted } from '../../files/untrusted-text.ts';
import { parseWithSchema, type Schema } from '../../schema.ts';

/** `claimed`: the file is written by a claim, and may have a second hard link. */
export type JsonFile<T> = Readonly<{
  name: string;
  schema: Schema<T>;
  maxBytes: number;
  claimed?: boolean;
}>;

/**
 * Undefined where there is no such file. Throws `ENGINE_FILE_INVALID`, which names everything that
 * is wrong, and RefusedFile.
 */
export function readJsonFile<T>(file: JsonFile<T>, dir: string): T | undefined {
  const path = join(dir, file.name);
  const json = readUntrusted(path, file);
  return json === undefined ? undefined : parseJsonFile(file, json, path);
}

/** Throws `ENGINE_FILE_INVALID`. */
export function parseJsonFile<T>({ schema }: JsonFile<T>, json: string, path: string): T {
  try {
    return parseWithSchema(schema, json);
  } catch (cause) {
    const what = messageOf(cause);
    throw new OnagerError('ENGINE_FILE_INVALID', `cannot understand ${path}: ${what}`, {
      hint: 'Onager itself writes this file: was it changed, or written by another version?',
      where: path,
      cause,
    });
  }
}
