/**
 * Reads the records that Onager's part of Tsung writes once a second (erlang/onager_recorder.erl):
 * what was measured in that second, by name and outcome, as histograms.
 *
 * A record is its length and its CRC-32, 32 bits each, big endian, and as many bytes. These are
 * unsigned LEB128 numbers: the version of this format (1); the second (Unix time); how many new
 * strings, each as its length and bytes (numbered from 1 in their order in the file); how many
 * totals. A total is its kind, name, status, error, count; sum, minimum and maximum of the
 * durations in microseconds; bytes; how many microseconds before the second's end the first began
 * and the last ended; and how many buckets, each as its distance from the one before and its
 * count. After the totals: how many errors were seen first of their kind, each as its time (Unix
 * time in microseconds), name, status and error. Then 1 and the generator's own delay, or 0: how
 * many timers, the sum, minimum and maximum of how late they were, in microseconds; how often the
 * run queue was looked at, the sum and the maximum of its lengths; and buckets as above.
 */

import { crc32 } from 'node:zlib';
import { escapeUnseen } from '../../../text.ts';
import {
  type ErrorSeen,
  otherName,
  type SampleKind,
  type SecondDelay,
  type SecondTotals,
  type Total,
  type Unreadable,
} from '../../samples.ts';
import { errorInWords } from './error-words.ts';
import { timed } from './log-block.ts';
import { printable } from './printable.ts';
import { templateOf } from './template-tag.ts';

const headerBytes = 8;
const version = 1;
const unreadable = 'a record that is damaged, or of another version, and all after it';
/** A longer record is not one: a thousand names with a thousand buckets each need less. */
const maxRecordBytes = 16 * 1024 * 1024;
/** Strings beyond these are `(other)`, and longer ones are cut. */
const maxStrings = 20_000;
const maxStringBytes = 4_096;
const maxBucket = 23 * 1_024;
/** What a moment can be: without it, a time would not be a number. */
const maxStartMs = 8.64e15;
/** `in-flight`: no samples, but requests without an answer when the load ended. */
type Kind = SampleKind | 'in-flight';
type AnyTotal = Omit<Total, 'kind'> & Readonly<{ kind: Kind }>;
const kinds: readonly Kind[] = ['request', 'transaction', 'page', 'connect', 'in-flight'];

type RecordReader = Readonly<{
  /** Reads the next bytes of the file. */
  push(chunk: Uint8Array): Generator<SecondTotals | Unreadable>;
  /** What is left is a record that was not written to its end. */
  end(): Generator<Unreadable>;
}>;

export function createRecordReader(file: string): RecordReader {
  const strings = [''];
  let held = Buffer.alloc(0);
  let isBroken = false;

  function* broken(why: string): Generator<Unreadable> {
    isBroken = true;
    yield { type: 'unreadable', file, count: 1, example: why };
  }

  return {
    *push(chunk) {
      if (isBroken) return;
      held = Buffer.concat([held, chunk]);
      let at = 0;
      while (held.length - at >= headerBytes) {
        const end = at + headerBytes + held.readUInt32BE(at);
        if (end - at > maxRecordBytes) return yield* broken('a record that is too long');
        if (held.length < end) break;
        const payload = held.subarray(at + headerBytes, end);
        const totals = crc32(payload) === held.readUInt32BE(at + 4) && read(payload, strings);
        if (!totals) return yield* broken(unreadable);
        yield totals;
        at = end;
      }
      held = Buffer.from(held.subarray(at));
    },
    *end() {
      if (!isBroken && held.length > 0) yield* broken('a record that was not written to its end');
    },
  };
}

/** Undefined for what the recorder does not write. */
function read(payload: Buffer, strings: string[]): SecondTotals | undefined {
  const next = numbersOf(payload);
  if (next.number() !== version) return undefined;
  const startMs = next.number() * 1_000;
  if (!readStrings(next, strings)) return undefined;
  const count = next.number();
  if (!(count <= next.left() && startMs <= maxStartMs)) return undefined;
  const all: AnyTotal[] = [];
  while (all.length < count) {
    const total = readTotal(next, startMs, strings);
    if (total === undefined) return undefined;
    all.push(total);
  }
  const errors = readErrors(next, strings);
  const hasDelay = next.number();
  const delay = hasDelay === 1 ? readDelay(next) : undefined;
  if (errors === undefined || hasDelay !== (delay === undefined ? 0 : 1) || !next.isAtEnd())
    return undefined;
  const known = { type: 'totals', startMs, ...sorted(all), errors } as const;
  return delay === undefined ? known : { ...known, delay };
}

function readDelay(next: Numbers): SecondDelay | undefined {
  const { number } = next;
  const [count, sumUs, minUs, maxUs] = [number(), number(), number(), number()];
  const [looks, queueSum, queueMax] = [number(), number(), number()];
  const buckets = readBuckets(next);
  if (!(count > 0 && looks > 0 && buckets !== undefined)) return undefined;
  if (!Number.isFinite(queueSum + queueMax)) return undefined;
  if (!agree({ count, sumUs, minUs, maxUs }, buckets)) return undefined;
  return { count, sumUs, minUs, maxUs, buckets, looks, queueSum, queueMax };
}

/**
 * A scenario can write to this file, too. What was counted while a second was drained may have its
 * bucket in one record and all else in the next.
 */
function agree(
  { count, sumUs, minUs, maxUs }: Pick<Total, 'count' | 'sumUs' | 'minUs' | 'maxUs'>,
  buckets: Uint32Array,
): boolean {
  let counted = 0;
  for (let place = 1; place < buckets.length; place += 2) counted += buckets[place] ?? 0;
  const isSum = sumUs >= count * minUs && sumUs <= count * maxUs;
  const isNear = count <= 2 * counted + 1_000 && counted <= 2 * count + 1_000;
  return minUs <= maxUs && isSum && isNear;
}

function readBuckets({ number, left }: Numbers): Uint32Array | undefined {
  const pairs = number();
  // Not `>`: what is not a number compares as false.
  if (!(pairs * 2 <= left())) return undefined;
  const buckets = new Uint32Array(pairs * 2);
  let bucket = 0;
  for (let place = 0; place < buckets.length; place += 2) {
    bucket += number();
    const times = number();
    if (!(bucket < maxBucket && times < 2 ** 32)) return undefined;
    buckets[place] = bucket;
    buckets[place + 1] = times;
  }
  return buckets;
}

function sorted(all: readonly AnyTotal[]): Pick<SecondTotals, 'totals' | 'inFlight'> {
  const totals: Total[] = [];
  let inFlight = 0;
  for (const total of all) {
    if (total.kind === 'in-flight') inFlight += total.count;
    else totals.push({ ...total, kind: total.kind });
  }
  return inFlight > 0 ? { totals, inFlight } : { totals };
}

/** Adds those that are new; false if they cannot be read. */
function readStrings(next: Numbers, strings: string[]): boolean {
  const count = next.number();
  if (!(count <= next.left())) return false;
  for (let left = count; left > 0; left--) {
    const bytes = next.bytes();
    if (bytes === undefined) return false;
    const isOne = strings.length < maxStrings;
    strings.push(isOne ? shown(printable(bytes.subarray(0, maxStringBytes))) : otherName);
  }
  return true;
}

function readErrors(
  { number, left }: Numbers,
  strings: readonly string[],
): readonly ErrorSeen[] | undefined {
  const count = number();
  if (!(count <= left())) return undefined;
  const errors: ErrorSeen[] = [];
  while (errors.length < count) {
    const [atMs, name] = [number() / 1_000, strings[number()]];
    const [status, error] = [number(), strings[number()]];
    if (!(atMs > 0 && status < 1_000) || name === undefined || error === undefined)
      return undefined;
    errors.push({ atMs, name, status, error: errorInWords(error) });
  }
  return errors;
}

function readTotal(
  next: Numbers,
  startMs: number,
  strings: readonly string[],
): AnyTotal | undefined {
  const { number } = next;
  const [kind, name] = [kinds[number()], strings[number()]];
  const [status, error, count] = [number(), strings[number()], number()];
  const [sumUs, minUs, maxUs, bytes] = [number(), number(), number(), number()];
  const [beganUs, endedUs, buckets] = [number(), number(), readBuckets(next)];
  if (kind === undefined || name === undefined || error === undefined) return undefined;
  if (!(count > 0 && status < 1_000 && buckets !== undefined)) return undefined;
  if (!Number.isFinite(bytes + beganUs + endedUs)) return undefined;
  if (!agree({ count, sumUs, minUs, maxUs }, buckets)) return undefined;
  const endMs = startMs + 1_000;
  return {
    kind,
    name: kind === 'request' && name !== '' ? name : timed(name || kind).name,
    status,
    error: errorInWords(error),
    count,
    sumUs,
    minUs,
    maxUs,
    bytes,
    firstMs: endMs - beganUs / 1_000,
    lastMs: endMs - endedUs / 1_000,
    buckets,
  };
}

type Numbers = Readonly<{
  /** The next number; NaN beyond the end, and for what is too large to be exact. */
  number(): number;
  /** A length and as many bytes. */
  bytes(): Buffer | undefined;
  left(): number;
  isAtEnd(): boolean;
}>;

function numbersOf(payload: Buffer): Numbers {
  let at = 0;

  function number(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = payload[at];
      if (byte === undefined) return Number.NaN;
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return Number.isSafeInteger(value) ? value : Number.NaN;
    }
    return Number.NaN;
  }

  return {
    number,
    bytes() {
      const length = number();
      if (!(length <= payload.length - at)) return undefined;
      at += length;
      return payload.subarray(at - length, at);
    },
    left: () => payload.length - at,
    isAtEnd: () => at === payload.length,
  };
}

/** `GET onager.url:…` is a URL with its variables: see template-tag.ts. */
function shown(name: string): string {
  const space = name.indexOf(' ');
  const template = templateOf(name.slice(space + 1));
  return template === undefined ? name : escapeUnseen(`${name.slice(0, space + 1)}${template}`);
}
