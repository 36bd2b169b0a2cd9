/** Writes records as the Erlang recorder does. */

import { crc32 } from 'node:zlib';
import type { ErrorSeen, SampleKind } from '../../src/engine/samples.ts';
import { indexOf } from '../../src/results/counting/histogram.ts';

/** Requests of one second with the same name and outcome. */
export type Measured = Readonly<{
  /** `in-flight`: requests without an answer at the end. */
  kind?: SampleKind | 'in-flight';
  name: string;
  status?: number;
  error?: string;
  durationsUs: readonly number[];
  bytes?: number;
}>;

/** How late each timer of a second came, and how many processes waited then. */
export type Delay = Readonly<{ lateUs: readonly number[]; queues?: readonly number[] }>;

const kinds: readonly string[] = ['request', 'transaction', 'page', 'connect', 'in-flight'];

/** A writer numbers strings in the order in which they first come. */
export function createRecordWriter(): (
  second: number,
  measured: readonly Measured[],
  seen?: readonly ErrorSeen[],
  delay?: Delay,
) => Buffer {
  const known = new Map<string, number>([['', 0]]);
  return (second, measured, seen = [], delay = undefined) => {
    const fresh: string[] = [];
    const numberOf = (text: string): number => {
      const number = known.get(text) ?? known.size;
      if (number === known.size) fresh.push(text);
      known.set(text, number);
      return number;
    };
    const totals = measured.map(
      ({ kind = 'request', name, status = 200, error = '', durationsUs, bytes = 0 }) => {
        return numbers(
          ...[kinds.indexOf(kind), numberOf(name), status, numberOf(error), durationsUs.length],
          durationsUs.reduce((sum, us) => sum + us, 0),
          ...[Math.min(...durationsUs), Math.max(...durationsUs), bytes],
          ...[1_000_000 + Math.max(...durationsUs), 500_000],
          ...bucketsOf(durationsUs),
        );
      },
    );
    const errors = seen.map(({ atMs, name, status, error }) =>
      numbers(atMs * 1_000, numberOf(name), status, numberOf(error)),
    );
    const names = fresh.flatMap((text) => [numbers(Buffer.byteLength(text)), Buffer.from(text)]);
    return record(
      Buffer.concat([
        ...[numbers(1, second, fresh.length), ...names],
        ...[numbers(totals.length), ...totals],
        ...[numbers(errors.length), ...errors],
        numbers(...(delay === undefined ? [0] : [1, ...delayOf(delay)])),
      ]),
    );
  };
}

function delayOf({ lateUs, queues = [0] }: Delay): readonly number[] {
  return [
    ...[lateUs.length, lateUs.reduce((sum, us) => sum + us, 0)],
    ...[Math.min(...lateUs), Math.max(...lateUs)],
    ...[queues.length, queues.reduce((sum, queue) => sum + queue, 0), Math.max(...queues)],
    ...bucketsOf(lateUs),
  ];
}

/** How many buckets, and each as its distance from the one before and its count. */
function bucketsOf(durationsUs: readonly number[]): readonly number[] {
  const counted = new Map<number, number>();
  for (const us of durationsUs) counted.set(indexOf(us), (counted.get(indexOf(us)) ?? 0) + 1);
  const buckets = [...counted].toSorted(([a], [b]) => a - b);
  return [
    buckets.length,
    ...buckets.flatMap(([bucket, times], at) => [bucket - (buckets[at - 1]?.[0] ?? 0), times]),
  ];
}

/** A whole record, whatever it holds. */
export function record(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(payload.length);
  header.writeUInt32BE(crc32(payload), 4);
  return Buffer.concat([header, payload]);
}

/** Unsigned LEB128. */
export function numbers(...values: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (let value of values) {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
    bytes.push(value);
  }
  return Buffer.from(bytes);
}
