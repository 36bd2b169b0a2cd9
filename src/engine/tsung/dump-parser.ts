/**
 * Reads the rows of `tsung-<vm>.dump` (dumptraffic="protocol_local"), one per finished HTTP request:
 *
 *     date;pid;id;method;host;URL;status;size;duration;transaction;match;error;tag
 *
 * `date`: end of the request, Unix time in seconds. `duration`: milliseconds. Tsung writes `;` in a URL as it is, so
 * five fields are counted from the left and seven from the right. One file of its own over 150 lines: this is the hot path.
 */

import type { Samples, Unreadable } from '../samples.ts';
import { batchRows, createColumnBatch } from './column-batch.ts';
import { createNameTable, printable } from './name-table.ts';

/** A longer line is no row. */
export const maxLineBytes = 65_536;
const maxErrors = 1_000;
const exampleBytes = 200;
const semicolon = 59;
const newline = 10;
const dot = 46;
const singleQuote = 39;
const transactionPrefix = 'tr_';
const leftFields = 5;
const rightFields = 7;

export type DumpParser = Readonly<{
  /** Reads the next bytes of the file; batches are good until the next call. */
  push(chunk: Uint8Array): Generator<Samples | Unreadable>;
  /** Reads what is left: a last line without its end is unreadable unless it is a whole row. */
  end(): Generator<Samples | Unreadable>;
}>;

/** `file` is the name shown for rows that cannot be read. */
export function createDumpParser(file: string): DumpParser {
  const table = createNameTable();
  const errors: string[] = [''];
  const errorIndex = new Map<string, number>([['', 0]]);
  const transactions = createNameTable();
  // Entry 0 is "none".
  transactions.index(new Uint8Array(0), 0, 0, 0, 0);
  const batch = createColumnBatch('request', table.names, errors, transactions.names);
  const semicolons = new Int32Array(maxLineBytes);
  let carry: Uint8Array = new Uint8Array(0);
  let isSkipping = false;
  let unreadable = 0;
  let example = '';

  function* push(chunk: Uint8Array): Generator<Samples | Unreadable> {
    const buffer = joined(carry, chunk);
    const last = buffer.lastIndexOf(newline);
    let start = 0;
    if (isSkipping && last !== -1) {
      start = buffer.indexOf(newline) + 1;
      isSkipping = false;
    }
    while (start <= last) {
      start = readRows(buffer, start, last);
      if (batch.count === batchRows) yield batch.take();
    }
    carry = isSkipping ? new Uint8Array(0) : buffer.slice(last + 1);
    if (carry.length > maxLineBytes) {
      refuse(carry, 0, carry.length);
      carry = new Uint8Array(0);
      isSkipping = true;
    }
    yield* take();
  }

  function* end(): Generator<Samples | Unreadable> {
    if (carry.length > 0) {
      const line = Buffer.concat([carry, Uint8Array.of(newline)]);
      carry = new Uint8Array(0);
      readRows(line, 0, line.length - 1);
    }
    yield* take();
  }

  function* take(): Generator<Samples | Unreadable> {
    if (batch.count > 0) yield batch.take();
    if (unreadable > 0) {
      yield { type: 'unreadable', file, count: unreadable, example };
      unreadable = 0;
    }
  }

  /** Reads lines from `start` on, the last of which ends at `last`, until the batch is full; gives where it stopped. */
  function readRows(buffer: Uint8Array, start: number, last: number): number {
    let at = start;
    while (at <= last && batch.count < batchRows) {
      const lineStart = at;
      let count = 0;
      // There is a line end at `last`: the loop needs no other.
      for (let byte = buffer[at]; byte !== newline; byte = buffer[++at]) {
        if (byte === semicolon && count < maxLineBytes) semicolons[count++] = at;
      }
      if (!readRow(buffer, lineStart, at, count)) refuse(buffer, lineStart, at);
      at += 1;
    }
    return at;
  }

  function readRow(buffer: Uint8Array, start: number, end: number, count: number): boolean {
    if (count < leftFields + rightFields || end - start > maxLineBytes) return false;
    const at = (field: number): number => semicolons[field] ?? 0;
    const endSeconds = decimal(buffer, start, at(0));
    const durationMs = decimal(buffer, at(count - 5) + 1, at(count - 4));
    const bytes = decimal(buffer, at(count - 6) + 1, at(count - 5));
    // Not `<`: what is no number compares as false.
    if (!(endSeconds > 0 && durationMs >= 0 && bytes >= 0)) return false;

    const number = decimal(buffer, at(count - 7) + 1, at(count - 6));
    const status = number >= 0 && number < 1000 ? number : 0;
    // `error_no_http_status` in the place of a number is an error; else there is a column for it.
    const errorField = status === number ? count - 2 : count - 7;
    const error = errorOf(buffer, at(errorField) + 1, at(errorField + 1));
    const row = batch.count++;
    batch.name[row] = nameOf(buffer, end, count);
    batch.endMs[row] = endSeconds * 1000;
    batch.durationUs[row] = Math.round(durationMs * 1000);
    batch.bytes[row] = bytes;
    batch.status[row] = status;
    batch.error[row] = error;
    batch.transaction[row] = transactionOf(buffer, at(count - 4) + 1, at(count - 3));
    batch.ok[row] = error === 0 && status < 400 ? 1 : 0;
    return true;
  }

  /** The `tag` where the scenario gives one, else method and path: what stands behind `?` would make every request its own name. */
  function nameOf(buffer: Uint8Array, end: number, count: number): number {
    const tagStart = (semicolons[count - 1] ?? 0) + 1;
    if (end > tagStart && !isUndefined(buffer, tagStart, end)) {
      return table.index(buffer, tagStart, tagStart, tagStart, end);
    }
    const pathStart = (semicolons[4] ?? 0) + 1;
    const urlEnd = semicolons[count - 7] ?? 0;
    let pathEnd = pathStart;
    while (pathEnd < urlEnd && buffer[pathEnd] !== 63 && buffer[pathEnd] !== 35) pathEnd++;
    return table.index(buffer, (semicolons[2] ?? 0) + 1, semicolons[3] ?? 0, pathStart, pathEnd);
  }

  /** `tr_login`, the innermost that was open when the request ended, or `-`. */
  function transactionOf(buffer: Uint8Array, start: number, end: number): number {
    // Erlang puts quotes around a name that is no plain atom, such as 'tr_käufer'.
    const quote = buffer[start] === singleQuote ? 1 : 0;
    const from = start + quote + transactionPrefix.length;
    if (from >= end) return 0;
    return transactions.index(buffer, from, from, from, end - quote);
  }

  function errorOf(buffer: Uint8Array, start: number, end: number): number {
    if (start === end) return 0;
    const text = printable(buffer.subarray(start, Math.min(end, start + exampleBytes)));
    const known = errorIndex.get(text);
    if (known !== undefined) return known;
    if (errors.length >= maxErrors) return 1;
    const index = errors.push(text) - 1;
    errorIndex.set(text, index);
    return index;
  }

  function refuse(buffer: Uint8Array, start: number, end: number): void {
    unreadable += 1;
    if (example === '') {
      example = printable(buffer.subarray(start, Math.min(end, start + exampleBytes)));
    }
  }

  return { push, end };
}

/** A number such as `12`, `0.017`, or (as Erlang writes some) `1.7e-2`; NaN for anything else. */
export function decimal(buffer: Uint8Array, start: number, end: number): number {
  let whole = 0;
  let at = start;
  for (; at < end; at++) {
    const digit = (buffer[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    whole = whole * 10 + digit;
  }
  if (at === end) return at === start ? Number.NaN : whole;
  if (buffer[at] !== dot || at === start) return unusual(buffer, start, end);
  let scale = 1;
  let fraction = 0;
  for (at += 1; at < end; at++) {
    const digit = (buffer[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return unusual(buffer, start, end);
    fraction = fraction * 10 + digit;
    scale *= 10;
  }
  return whole + fraction / scale;
}

function unusual(buffer: Uint8Array, start: number, end: number): number {
  if (end - start > 40) return Number.NaN;
  const text = printable(buffer.subarray(start, end));
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** Tsung's DTD gives a request without a tag the tag `undefined`. */
function isUndefined(buffer: Uint8Array, start: number, end: number): boolean {
  return (
    end - start === 9 &&
    buffer[start] === 117 &&
    printable(buffer.subarray(start, end)) === 'undefined'
  );
}

/** Always a plain array of bytes: the engine's hot loops are compiled for one kind of array only. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
