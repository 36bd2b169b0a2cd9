/** How what is wrong with a zip is worded: numbers formatInteger, names escaped. */

import { type ErrorCode, OnagerError } from '../../errors.ts';

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
  const characters = Array.from(name);
  const shown = characters
    .slice(0, shownCharacters)
    .join('')
    .replaceAll(/[\\"]/g, '\\$&')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
      return `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
    });
  return characters.length > shownCharacters ? `"${shown}…"` : `"${shown}"`;
}
