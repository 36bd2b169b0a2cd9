/** Finds where lists, tuples and quoted text end in the bytes of Erlang terms. */

export const newline = 10;
export const comma = code(',');
export const openList = code('[');
export const closeList = code(']');
export const openTuple = code('{');
export const closeTuple = code('}');
export const singleQuote = code("'");
const quote = code('"');
const backslash = code('\\');

function code(character: string): number {
  return character.charCodeAt(0);
}

export function isTermStart(byte: number | undefined): boolean {
  return byte === openTuple || byte === openList;
}

/** Whether the byte only separates the elements of a list. */
export function isBetween(byte: number | undefined): boolean {
  return byte === comma || byte === openList || byte === closeList || isSpace(byte);
}

export function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === newline || byte === 13 || byte === 9;
}

/**
 * Where the tuple closes whose last element, from `start` on, is a list of numbers; undefined if
 * that element is not a list.
 */
export function endOfList(buffer: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  while (at < end && isSpace(buffer[at])) at++;
  if (buffer[at] !== openList) return undefined;
  const listEnd = buffer.indexOf(closeList, at);
  return listEnd !== -1 && listEnd + 1 < end && buffer[listEnd + 1] === closeTuple
    ? listEnd + 1
    : undefined;
}

/** Where the tuple that opens at `start` closes, or -1. */
export function closing(buffer: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = buffer[at];
    if (byte === openTuple) depth += 1;
    if (byte === closeTuple) depth -= 1;
    if (depth === 0) return at;
    if (byte === quote || byte === singleQuote) at = closingQuote(buffer, at, end);
  }
  return -1;
}

/** Where the quoted text that opens at `start` closes; `end` if it does not. */
export function closingQuote(buffer: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end && buffer[at] !== buffer[start]) at += buffer[at] === backslash ? 2 : 1;
  return at;
}
