/** Builds a problem with a zip; names in it are escaped. */

import { type ErrorCode, OnagerError } from '../../errors.ts';
import { quote } from '../../text.ts';

type ZipCode = Extract<ErrorCode, `ZIP_${string}`>;

export function zipProblem(
  code: ZipCode,
  message: string,
  hint: string,
  cause?: unknown,
): OnagerError {
  return new OnagerError(code, message, { hint, cause });
}

const shownCharacters = 120;

/** A name that is safe to show: quoted, without control or direction-changing characters. */
export function shownName(name: string): string {
  return quote(name, shownCharacters);
}
