/**
 * Reads the records that Onager's part of Tsung writes once a second (erlang/onager_recorder.erl):
 * what was measured in that second, by name and outcome, as histograms.
 *
 * A record is its length and its CRC-32, 32 bits each, big endian, and as many bytes. These are
 * unsigned LEB128 numbers: the second (Unix time); how many new strings, each as its length and
 * bytes (numbered from 1 in their order in the file); how many totals. A total is its kind, name,
 * transaction, status, error, count, sum, minimum and maximum of the durations in microseconds,
 * bytes, and how many buckets, each as its distance from the one before and its count.
 */

import { crc32 } from 'node:zlib';
import type { SampleKind, Totals, Unreadable } from '../../samples.ts';
import { printable } from './name-table.ts';

const headerBytes = 8;
/** A longer record is not one: a thousand names with a thousand buckets each need less. */
const maxRecordBytes = 16 * 1024 * 1024;
const kinds: readonly SampleKind[] = ['request', 'transaction', 'page', 'connect'];

export type RecordReader = Readonly<{
  /** Reads the next bytes of the file. */
  push(chunk: Uint8Array): Generator<Totals | Unreadable>;
  /** What is left is a record that was not written to its end. */
  end(): Generator<Unreadable>;
}>;

export function createRecordReader(file: string): RecordReader {
  const strings = [''];
  let held = Buffer.alloc(0);
  let isBroken = false;

  return {
    *push(chunk) {
      if (isBroken) return;
      held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
      let at = 0;
      while (held.length - at >= headerBytes) {
        const length = held.readUInt32BE(at);
        const end = at + headerBytes + length;
        const isWhole = held.length >= end;
        const payload = held.subarray(at + headerBytes, end);
        if (length > maxRecordBytes || (isWhole && crc32(payload) !== held.readUInt32BE(at + 4))) {
          isBroken = true;
          yield unreadable(file, held.length - at);
          break;
        }
        if (!isWhole) break;
        yield read(payload, strings);
        at = end;
      }
      held = isBroken ? Buffer.alloc(0) : Buffer.from(held.subarray(at));
    },
    *end() {
      if (held.length > 0) yield unreadable(file, held.length);
    },
  };
}

function read(payload: Buffer, strings: string[]): Totals {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = payload[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const second = number();
  for (let left = number(); left > 0; left--) {
    const length = number();
    strings.push(printable(payload.subarray(at, at + length)));
    at += length;
  }
  const totals = Array.from({ length: number() }, () => {
    const kind = kinds[number()] ?? 'request';
    const [name, transaction] = [strings[number()] ?? '', strings[number()] ?? ''];
    const [status, error, count] = [number(), strings[number()] ?? '', number()];
    const [sumUs, minUs, maxUs, bytes] = [number(), number(), number(), number()];
    const buckets = new Uint32Array(number() * 2);
    for (let place = 0, bucket = 0; place < buckets.length; place += 2) {
      bucket += number();
      buckets[place] = bucket;
      buckets[place + 1] = number();
    }
    return { kind, name, transaction, status, error, count, sumUs, minUs, maxUs, bytes, buckets };
  });
  return { type: 'totals', startMs: second * 1_000, totals };
}

function unreadable(file: string, bytes: number): Unreadable {
  return { type: 'unreadable', file, count: 1, example: `a torn record of ${bytes} bytes` };
}
