/** Scans a row of a dump in its usual form, as nearly every row is, in one pass over its bytes. */

import { emptyHash, hashed, maxNameBytes } from './name-table.ts';

/** The positions of a row's parts, and its numbers. One object is reused for all rows. */
export type RowPlaces = {
  /** Positions of `;`, as far as they are needed. */
  readonly semicolons: Int32Array;
  /** End of the request, Unix time in seconds. */
  endSeconds: number;
  durationMs: number;
  bytes: number;
  /** NaN if it is a word. */
  status: number;
  /** Where the URL's path ends: at its query, its fragment, or its end. */
  pathEnd: number;
  /** The hash of method and path, for the table of names. */
  nameHash: number | undefined;
};

/** How many there are in a row without `;` in its URL or its tag. */
export const fastRowSemicolons = 12;

const semicolon = 59;
const newline = 10;
const dot = 46;
const zero = 48;
const [questionMark, hashMark] = [63, 35];
/** `1795385427.950494;`: Tsung writes every date like this from 2001 until 2286. */
const [dateDot, dateEnd] = [10, 17];
/** A number of this many digits is always a small integer to V8. */
const maxDigits = 9;
const powersOfTen = Float64Array.from({ length: maxDigits + 1 }, (_, exponent) => 10 ** exponent);

/**
 * Returns where the line ends, or -1 for a row of another form, which may still be a good one.
 * There must be a line end somewhere after `start`.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: the hottest path, free of calls
export function scanFastRow(buffer: Uint8Array, start: number, row: RowPlaces): number {
  const { semicolons } = row;
  if (buffer[start + dateEnd] !== semicolon || buffer[start + dateDot] !== dot) return -1;
  const high = fiveDigits(buffer, start);
  const low = fiveDigits(buffer, start + 5);
  const tens = fiveDigits(buffer, start + dateDot + 1);
  const last = (buffer[start + dateEnd - 1] ?? 0) - zero;
  if (high < 0 || low < 0 || tens < 0 || last < 0 || last > 9) return -1;

  let at = start + dateEnd + 1;
  let byte = buffer[at] ?? 0;
  // pid, id
  for (let field = 1; field < 3; field++) {
    while (byte !== semicolon) {
      if (byte === newline) return -1;
      byte = buffer[++at] ?? 0;
    }
    semicolons[field] = at;
    byte = buffer[++at] ?? 0;
  }

  // method
  let hash = emptyHash;
  while (byte !== semicolon) {
    if (byte === newline) return -1;
    hash = hashed(hash, byte);
    byte = buffer[++at] ?? 0;
  }
  hash = hashed(hash, 0);
  semicolons[3] = at;
  byte = buffer[++at] ?? 0;

  // host
  while (byte !== semicolon) {
    if (byte === newline) return -1;
    byte = buffer[++at] ?? 0;
  }
  semicolons[4] = at;
  byte = buffer[++at] ?? 0;

  // URL
  let from = at;
  while (byte !== semicolon && byte !== questionMark && byte !== hashMark) {
    if (byte === newline) return -1;
    hash = hashed(hash, byte);
    byte = buffer[++at] ?? 0;
  }

  if (at - from > maxNameBytes) return -1;
  row.nameHash = hashed(hash, 0);
  row.pathEnd = at;
  while (byte !== semicolon) {
    if (byte === newline) return -1;
    byte = buffer[++at] ?? 0;
  }
  semicolons[5] = at;
  byte = buffer[++at] ?? 0;

  from = at;
  let status = 0;
  for (; byte >= zero && byte < zero + 10; byte = buffer[++at] ?? 0) {
    status = (Math.imul(status, 10) + byte - zero) | 0;
  }
  if (byte !== semicolon || at === from || at - from > maxDigits) return -1;
  semicolons[6] = at;
  byte = buffer[++at] ?? 0;

  from = at;
  let bytes = 0;
  for (; byte >= zero && byte < zero + 10; byte = buffer[++at] ?? 0) {
    bytes = (Math.imul(bytes, 10) + byte - zero) | 0;
  }
  if (byte !== semicolon || at === from || at - from > maxDigits) return -1;
  semicolons[7] = at;
  byte = buffer[++at] ?? 0;

  // duration
  from = at;
  let whole = 0;
  for (; byte >= zero && byte < zero + 10; byte = buffer[++at] ?? 0) {
    whole = (Math.imul(whole, 10) + byte - zero) | 0;
  }
  if (byte !== dot || at === from || at - from > maxDigits) return -1;
  byte = buffer[++at] ?? 0;
  from = at;
  let fraction = 0;
  for (; byte >= zero && byte < zero + 10; byte = buffer[++at] ?? 0) {
    fraction = (Math.imul(fraction, 10) + byte - zero) | 0;
  }
  if (byte !== semicolon || at === from || at - from > maxDigits) return -1;
  const scale = powersOfTen[at - from] ?? 0;
  semicolons[8] = at;
  byte = buffer[++at] ?? 0;

  // transaction, match, error
  for (let field = 9; field < fastRowSemicolons; field++) {
    while (byte !== semicolon) {
      if (byte === newline) return -1;
      byte = buffer[++at] ?? 0;
    }
    semicolons[field] = at;
    byte = buffer[++at] ?? 0;
  }
  // The tag. If there is one more `;`, what was taken for a field may be part of the URL.
  for (; byte !== newline; byte = buffer[++at] ?? 0) {
    if (byte === semicolon) return -1;
  }
  row.endSeconds = high * 1e5 + low + (tens * 10 + last) / 1e6;
  row.durationMs = whole + fraction / scale;
  row.bytes = bytes;
  row.status = status;
  return at;
}

/** Negative if one of them is not a digit. */
function fiveDigits(buffer: Uint8Array, at: number): number {
  const a = (buffer[at] ?? 0) - zero;
  const b = (buffer[at + 1] ?? 0) - zero;
  const c = (buffer[at + 2] ?? 0) - zero;
  const d = (buffer[at + 3] ?? 0) - zero;
  const e = (buffer[at + 4] ?? 0) - zero;
  const signs = a | b | c | d | e | (9 - a) | (9 - b) | (9 - c) | (9 - d) | (9 - e);
  return signs < 0 ? -1 : a * 10_000 + b * 1_000 + c * 100 + d * 10 + e;
}
