/** The shape of a problem in a file or a message that another process wrote. */

import type { ErrorCode, Problem } from '../errors.ts';
import { object, type Schema, text } from '../schema.ts';

// A code that this version does not know is kept and shown: what it is about must not be lost.
const errorCode: Schema<ErrorCode> = (value, wrong, where = ''): value is ErrorCode =>
  (typeof value === 'string' && /^[A-Z][A-Z0-9_]*$/.test(value)) ||
  wrong(where, 'expected an error code');

export const problem: Schema<Problem> = object(
  { code: errorCode, message: text(), hint: text() },
  { where: text() },
);
