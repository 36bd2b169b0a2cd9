/** Explains why the output of a command cannot be written to the place named for it. */

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

/** `error` itself if it is about something else. */
export function outputInWords(path: string, error: unknown): unknown {
  if (error instanceof OnagerError || !usual.some((code) => hasCode(error, code))) return error;
  const words = messageOf(error);
  return new OnagerError('OUT_INVALID', `${path} cannot be written to: ${words}`, {
    hint: 'name an existing place that you may write to, where no other file is in the way',
    cause: error,
  });
}
