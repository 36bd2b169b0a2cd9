/**
 * Reads the rows of `tsung-<vm>.dump` (dumptraffic="protocol_local"), one per finished HTTP
 * request:
 *
 *     date;pid;id;method;host;URL;status;size;duration;transaction;match;error;tag
 *
 * `date`: end of the request, Unix time in seconds. `duration`: milliseconds. Tsung writes `;` in a
 * URL as it is, so five fields are counted from the left and seven from the right. This is the hot
 * path, which stays in one file although it is over 150 lines.
 */

import { escapeUnseen } from '../../../text.ts';
import type { Samples, Unreadable } from '../../samples.ts';
import { batchRows, createColumnBatch } from './column-batch.ts';
import { fastRowSemicolons, type RowPlaces, scanFastRow } from './dump-fast-row.ts';
import { createNameTable, printable } from './name-table.ts';
import { isTemplateTag, templateOf } from './template-tag.ts';
import { TransactionRuns } from './transaction-runs.ts';

/** A longer line is not a row. */
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
  /** Reads the next bytes of the file; batches are valid until the next call. */
  push(chunk: Uint8Array): Generator<Samples | Unreadable>;
  /** Reads what is left: a last line without its end is unreadable unless it is a whole row. */
  end(): Generator<Samples | Unreadable>;
}>;

/**
 * `file` is the name shown for rows that cannot be read. `enclosing`: transactions that hold
 * others, and so requests whose rows do not name them: no request is counted as theirs.
 */
export function createDumpParser(
  file: string,
  enclosing: ReadonlySet<string> = new Set(),
): DumpParser {
  const table = createNameTable(nameShown);
  const errors: string[] = [''];
  const errorIndex = new Map<string, number>([['', 0]]);
  const transactions = createNameTable();
  // Entry 0 is "none".
  transactions.index(new Uint8Array(0), 0, 0, 0, 0);
  const runs = new TransactionRuns();
  const batch = createColumnBatch('request', table.names, errors, transactions.names);
  // Fractions from the start: V8 changes the layout of a field when its first fraction comes.
  const row: RowPlaces = {
    semicolons: new Int32Array(maxLineBytes),
    endSeconds: 0.5,
    durationMs: 0.5,
    bytes: 0.5,
    status: 0.5,
    pathEnd: 0,
    nameHash: undefined,
  };
  const { semicolons } = row;
  /** Always a plain array of bytes: V8 compiles the hot loops for one kind of array only. */
  let buffer = new Uint8Array(0);
  /** How many bytes of an unfinished line are at the buffer's start. */
  let held = 0;
  let isSkipping = false;
  let unreadable = 0;
  let example = '';

  function* push(chunk: Uint8Array): Generator<Samples | Unreadable> {
    const length = append(chunk);
    const last = buffer.subarray(0, length).lastIndexOf(newline);
    let start = 0;
    if (isSkipping && last !== -1) {
      start = buffer.indexOf(newline) + 1;
      isSkipping = false;
    }
    while (start <= last) {
      start = readRows(buffer, start, last);
      if (batch.count === batchRows) yield batch.take();
    }
    buffer.copyWithin(0, last + 1, length);
    held = isSkipping ? 0 : length - last - 1;
    if (held > maxLineBytes) {
      refuse(buffer, 0, held);
      held = 0;
      isSkipping = true;
    }
    yield* take();
  }

  function* end(): Generator<Samples | Unreadable> {
    if (held > 0) {
      const length = append(Uint8Array.of(newline));
      held = 0;
      readRows(buffer, 0, length - 1);
    }
    yield* take();
  }

  /** Appends the chunk to what is held; returns how many bytes of the buffer are filled. */
  function append(chunk: Uint8Array): number {
    const length = held + chunk.length;
    if (length > buffer.length) {
      const larger = new Uint8Array(chunk.length + maxLineBytes);
      larger.set(buffer.subarray(0, held));
      buffer = larger;
    }
    buffer.set(chunk, held);
    return length;
  }

  function* take(): Generator<Samples | Unreadable> {
    if (batch.count > 0) yield batch.take();
    if (unreadable > 0) {
      yield { type: 'unreadable', file, count: unreadable, example };
      unreadable = 0;
    }
  }

  /**
   * Reads lines from `start` on, the last of which ends at `last`, until the batch is full; returns
   * where it stopped.
   */
  function readRows(buffer: Uint8Array, start: number, last: number): number {
    let at = start;
    while (at <= last && batch.count < batchRows) {
      let end = scanFastRow(buffer, at, row);
      if (end !== -1 && end - at <= maxLineBytes && row.endSeconds > 0) {
        addRow(buffer, end, fastRowSemicolons);
      } else {
        end = buffer.indexOf(newline, at);
        readRow(buffer, at, end);
      }
      at = end + 1;
    }
    return at;
  }

  /** Reads a row of any form. */
  function readRow(buffer: Uint8Array, start: number, end: number): void {
    const count = end - start > maxLineBytes ? 0 : findSemicolons(buffer, start, end);
    const number = (field: number): number =>
      decimal(buffer, semicolonAt(field) + 1, semicolonAt(field + 1));
    row.endSeconds = decimal(buffer, start, semicolonAt(0));
    row.status = number(count - 7);
    row.bytes = number(count - 6);
    row.durationMs = number(count - 5);
    // Not `<`: what is not a number compares as false.
    const isRow = row.endSeconds > 0 && row.durationMs >= 0 && row.bytes >= 0;
    if (count < fastRowSemicolons || !isRow) {
      refuse(buffer, start, end);
      return;
    }
    const urlEnd = semicolonAt(count - rightFields);
    let at = semicolonAt(leftFields - 1) + 1;
    while (at < urlEnd && buffer[at] !== 63 && buffer[at] !== 35) at++;
    row.pathEnd = at;
    row.nameHash = undefined;
    addRow(buffer, end, count);
  }

  function findSemicolons(buffer: Uint8Array, start: number, end: number): number {
    let count = 0;
    for (let at = start; at < end; at++) {
      if (buffer[at] === semicolon) semicolons[count++] = at;
    }
    return count;
  }

  function semicolonAt(field: number): number {
    return semicolons[field] ?? 0;
  }

  /** Adds the row whose positions and numbers are known; `count`: how many semicolons it has. */
  function addRow(buffer: Uint8Array, end: number, count: number): void {
    const status = row.status >= 0 && row.status < 1000 ? row.status : 0;
    // `error_no_http_status` in place of a number is an error; other errors have their own column.
    const errorField = status === row.status ? count - 2 : count - 7;
    const error = errorOf(buffer, semicolonAt(errorField) + 1, semicolonAt(errorField + 1));
    const at = batch.count++;
    batch.name[at] = nameOf(buffer, end, count);
    batch.endMs[at] = row.endSeconds * 1000;
    batch.durationUs[at] = Math.round(row.durationMs * 1000);
    batch.bytes[at] = row.bytes;
    batch.status[at] = status;
    batch.error[at] = error;
    const isOk = error === 0 && status < 400;
    batch.ok[at] = isOk ? 1 : 0;
    const transaction = transactionOf(buffer, semicolonAt(count - 4) + 1, semicolonAt(count - 3));
    batch.transaction[at] = transaction;
    batch.transactionMarks[at] = 0;
    if (transaction > 0 || !runs.isEmpty) markTransaction(buffer, at, transaction, !isOk);
  }

  function markTransaction(
    buffer: Uint8Array,
    at: number,
    transaction: number,
    failed: boolean,
  ): void {
    const user = decimal(buffer, semicolonAt(1) + 1, semicolonAt(2));
    const marks = runs.mark(user, transaction, batch.name[at] ?? 0, failed);
    const isTold = enclosing.size === 0 || !enclosing.has(transactions.names[transaction] ?? '');
    batch.transaction[at] = isTold ? transaction : 0;
    batch.transactionMarks[at] = isTold ? marks : 0;
  }

  /**
   * The scenario's own `tag`; else the method and the path, as the scenario has it where a tag made
   * of that tells it, or as it was sent. With its query, every request would have a name of its
   * own.
   */
  function nameOf(buffer: Uint8Array, end: number, count: number): number {
    const tagStart = semicolonAt(count - 1) + 1;
    const [methodStart, methodEnd] = [semicolonAt(2) + 1, semicolonAt(3)];
    if (end > tagStart && !isUndefined(buffer, tagStart, end)) {
      return isTemplateTag(buffer, tagStart, end)
        ? table.index(buffer, methodStart, methodEnd, tagStart, end)
        : table.index(buffer, tagStart, tagStart, tagStart, end);
    }
    const pathStart = semicolonAt(leftFields - 1) + 1;
    const { pathEnd, nameHash } = row;
    return table.index(buffer, methodStart, methodEnd, pathStart, pathEnd, nameHash);
  }

  /** `tr_login`, the innermost transaction that was open when the request ended, or `-`. */
  function transactionOf(buffer: Uint8Array, start: number, end: number): number {
    // Erlang puts quotes around a name that is not a plain atom, such as 'tr_käufer'.
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

function nameShown(bytes: Uint8Array): string {
  const name = printable(bytes);
  const template = isTemplateTag(bytes, 0, bytes.length) ? templateOf(name) : undefined;
  return template === undefined ? name : escapeUnseen(template);
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
