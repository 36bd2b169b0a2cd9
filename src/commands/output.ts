/** In words: why the place that was named for a command's output takes none. */

import { hasCode, messageOf, OnagerError } from '../errors.ts';

const usual = [
  'EACCES',
  'EEXIST',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
] as const;

/** `error` itself where it is about something else. */
export function outputInWords(path: string, error: unknown): unknown {
  if (error instanceof OnagerError || !usual.some((code) => hasCode(error, code))) return error;
  const words = messageOf(error);
  return new OnagerError('OUT_INVALID', `${path} cannot be written to: ${words}`, {
    hint: 'name a place that is there, that you may write to, and where no other file is in the way',
    cause: error,
  });
}
