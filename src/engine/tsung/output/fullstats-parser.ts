/**
 * Reads `tsung-fullstats.log` (backend="fullstats"): every sample of every protocol, without its
 * time, as Erlang terms such as `{sample,request,[3.3,1.5]}` and `[{sample,tr_login,15.3},\n
 * {sample,tr_buy,1.2}]`. A term begins in the first column.
 *
 * This is a hot path, which stays in one file although it is over 150 lines: constants that another
 * file exports make it a fifth slower.
 */

import { decimal } from './dump-parser.ts';
import { printable } from './name-table.ts';

const maxTermBytes = 16 * 1024 * 1024;
const exampleBytes = 200;
const code = (character: string): number => character.charCodeAt(0);
const [newline, comma, openList, closeList, openTuple, closeTuple] = [
  10,
  code(','),
  code('['),
  code(']'),
  code('{'),
  code('}'),
];
const [quote, singleQuote, backslash] = [code('"'), code("'"), code('\\')];
const samplePrefix = Buffer.from('{sample,');

type FullstatsParser = Readonly<{
  push(chunk: Uint8Array): void;
  end(): void;
}>;

/**
 * `samplesOf` returns what takes the durations (ms) of a name, in the order of the file, if
 * anything does; `onUnreadable` is called for every term that cannot be read.
 */
export function createFullstatsParser({
  samplesOf,
  onUnreadable,
}: Readonly<{
  samplesOf: (name: string) => ((durationMs: number) => void) | undefined;
  onUnreadable: (example: string) => void;
}>): FullstatsParser {
  let carry = new Uint8Array(0);
  let isSkipping = false;

  /** A term is whole once a later line begins in the first column. */
  function push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const buffer = joined(carry, chunk);
    let start = 0;
    // Of what was carried over, only the last line may end a term.
    let lineEnd = buffer.indexOf(newline, Math.max(0, carry.length - 1));
    while (lineEnd !== -1 && lineEnd + 1 < buffer.length) {
      if (isTermStart(buffer[lineEnd + 1])) {
        if (!isSkipping) readTerm(buffer, start, lineEnd);
        isSkipping = false;
        start = lineEnd + 1;
      }
      lineEnd = buffer.indexOf(newline, lineEnd + 1);
    }
    carry = buffer.slice(start);
    if (carry.length > maxTermBytes) {
      onUnreadable(printable(carry.subarray(0, exampleBytes)));
      carry = new Uint8Array(0);
      isSkipping = true;
    }
  }

  function end(): void {
    const rest = carry;
    carry = new Uint8Array(0);
    if (rest.length > 0 && !isSkipping) readTerm(rest, 0, rest.length);
  }

  function readTerm(buffer: Uint8Array, start: number, end: number): void {
    let from = start;
    let to = end;
    while (to > from && isSpace(buffer[to - 1])) to--;
    while (from < to && isSpace(buffer[from])) from++;
    if (from === to) return;
    const isWhole =
      (buffer[from] === openTuple && buffer[to - 1] === closeTuple) ||
      (buffer[from] === openList && buffer[to - 1] === closeList);
    if (!isWhole || !readTuples(buffer, from, to)) {
      onUnreadable(printable(buffer.subarray(from, Math.min(to, from + exampleBytes))));
    }
  }

  /** Reads all tuples of a term; false if it is not a list of tuples. */
  function readTuples(buffer: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      if (buffer[at] === openTuple) {
        const tupleEnd = readTuple(buffer, at, end);
        if (tupleEnd === -1) return false;
        at = tupleEnd + 1;
      } else if (isBetween(buffer[at])) at += 1;
      else return false;
    }
    return true;
  }

  /**
   * `{sample,Name,Number}` or `{sample,Name,[Number,…]}`; other tuples are counters, which
   * tsung.log has too. Returns where it closes, or -1 if it cannot be read.
   */
  function readTuple(buffer: Uint8Array, start: number, end: number): number {
    const nameStart = start + samplePrefix.length;
    // `{sample,{cpu,"node@host"},1.5}`: the machine's own load.
    if (!isSample(buffer, start) || buffer[nameStart] === openTuple) {
      return closing(buffer, start, end);
    }
    let nameEnd = nameStart;
    if (buffer[nameStart] === singleQuote) nameEnd = closingQuote(buffer, nameStart, end);
    while (nameEnd < end && buffer[nameEnd] !== comma) nameEnd++;
    const tupleEnd = endOfList(buffer, nameEnd + 1, end) ?? closing(buffer, start, end);
    if (tupleEnd < nameEnd) return tupleEnd;
    const name = printable(buffer.subarray(nameStart, nameEnd)).replaceAll("'", '');
    const onSample = samplesOf(name);
    if (onSample === undefined) return tupleEnd;
    return readNumbers(buffer, nameEnd + 1, tupleEnd, onSample) ? tupleEnd : -1;
  }

  function readNumbers(
    buffer: Uint8Array,
    start: number,
    end: number,
    onSample: (durationMs: number) => void,
  ): boolean {
    let at = start;
    while (at < end) {
      if (isBetween(buffer[at])) {
        at += 1;
        continue;
      }
      const numberStart = at;
      while (at < end && buffer[at] !== comma && buffer[at] !== closeList && !isSpace(buffer[at])) {
        at += 1;
      }
      const durationMs = decimal(buffer, numberStart, at);
      if (Number.isNaN(durationMs)) return false;
      onSample(durationMs);
    }
    return true;
  }

  return { push, end };
}

function isSample(buffer: Uint8Array, start: number): boolean {
  for (let at = 0; at < samplePrefix.length; at++) {
    if (buffer[start + at] !== samplePrefix[at]) return false;
  }
  return true;
}

function isTermStart(byte: number | undefined): boolean {
  return byte === openTuple || byte === openList;
}

/** Whether the byte only separates the elements of a list. */
function isBetween(byte: number | undefined): boolean {
  return byte === comma || byte === openList || byte === closeList || isSpace(byte);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === newline || byte === 13 || byte === 9;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  // Not a Buffer: V8 compiles the hot loops for one kind of array only.
  const both = new Uint8Array(head.length + tail.length);
  both.set(head);
  both.set(tail, head.length);
  return both;
}

/**
 * Where the tuple closes whose last element, from `start` on, is a list of numbers; undefined if
 * that element is not a list.
 */
function endOfList(buffer: Uint8Array, start: number, end: number): number | undefined {
  let at = start;
  while (at < end && isSpace(buffer[at])) at++;
  if (buffer[at] !== openList) return undefined;
  const listEnd = buffer.indexOf(closeList, at);
  return listEnd !== -1 && listEnd + 1 < end && buffer[listEnd + 1] === closeTuple
    ? listEnd + 1
    : undefined;
}

/** Where the tuple that opens at `start` closes, or -1. */
function closing(buffer: Uint8Array, start: number, end: number): number {
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
function closingQuote(buffer: Uint8Array, start: number, end: number): number {
  let at = start + 1;
  while (at < end && buffer[at] !== buffer[start]) at += buffer[at] === backslash ? 2 : 1;
  return at;
}
