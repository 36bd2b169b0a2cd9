/** Samples one by one, as a witness or Tsung's own rows tell them, beside the records. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecondTotals } from '../../src/engine/samples.ts';
import { templateOf } from '../../src/engine/tsung/output/template-tag.ts';
import { indexOf } from '../../src/results/counting/histogram.ts';

export type Row = Readonly<{ key: string; endUs: number; us: number; bytes: number }>;

/** Of witness.erl. */
export async function readWitness(file: string): Promise<readonly Row[]> {
  const lines = (await readFile(file, 'latin1')).split('\n').slice(0, -1);
  return lines.map((line) => {
    const [endUs, kind = '', name = '', us, bytes] = line.split(';');
    return {
      key: `${kind} ${witnessedName(kind, name)}`,
      endUs: Number(endUs),
      us: Number(us),
      bytes: Number(bytes),
    };
  });
}

function witnessedName(kind: string, name: string): string {
  if (kind === 'transaction') return name.replace(/^tr_/, '');
  if (kind !== 'request') return kind;
  if (!name.startsWith('http ')) return name;
  const [, method = '', url = '', tag = ''] = name.split(' ');
  return httpName(method, url, tag);
}

/** Tsung's: `date;pid;id;method;host;URL;status;size;duration;transaction;match;error;tag`. */
export async function readDump(dir: string): Promise<readonly Row[]> {
  const names = await readdir(dir, { recursive: true });
  const dumps = names.filter((name) => name.endsWith('.dump'));
  const texts = await Promise.all(dumps.map((name) => readFile(join(dir, name), 'latin1')));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  return lines.map((line) => {
    const fields = line.split(';');
    const [date, , , method = '', , url = ''] = fields;
    const [size, ms, , , , tag = ''] = fields.slice(-6);
    return {
      key: `request ${httpName(method, url, tag)}`,
      endUs: Math.round(Number(date) * 1e6),
      us: Math.round(Number(ms) * 1_000),
      bytes: Number(size),
    };
  });
}

function httpName(method: string, url: string, tag: string): string {
  const template = templateOf(tag);
  if (template === undefined && tag !== '' && tag !== 'undefined') return tag;
  return `${method.toUpperCase()} ${template ?? url.split('?')[0]}`;
}

type Figures = Readonly<{
  count: number;
  sumUs: number;
  minUs: number;
  maxUs: number;
  bytes: number;
  buckets: Readonly<Record<number, number>>;
}>;

/** Of each kind and name. */
export function figuresOfRows(rows: readonly Row[]): ReadonlyMap<string, Figures> {
  const figures = new Map<string, Figures>();
  for (const { key, us, bytes } of rows)
    merge(figures, key, {
      count: 1,
      sumUs: us,
      minUs: us,
      maxUs: us,
      bytes,
      buckets: { [indexOf(us)]: 1 },
    });
  return figures;
}

export function figuresOfRecords(seconds: readonly SecondTotals[]): ReadonlyMap<string, Figures> {
  const figures = new Map<string, Figures>();
  for (const { kind, name, buckets, ...others } of seconds.flatMap(({ totals }) => totals)) {
    const { count, sumUs, minUs, maxUs, bytes } = others;
    merge(figures, `${kind} ${name}`, {
      ...{ count, sumUs, minUs, maxUs, bytes },
      buckets: Object.fromEntries(pairs(buckets)),
    });
  }
  return figures;
}

function merge(into: Map<string, Figures>, key: string, more: Figures): void {
  const known = into.get(key);
  if (known === undefined) {
    into.set(key, more);
    return;
  }
  const buckets: Record<number, number> = known.buckets;
  for (const [bucket, count] of Object.entries(more.buckets))
    buckets[Number(bucket)] = (buckets[Number(bucket)] ?? 0) + count;
  into.set(key, {
    count: known.count + more.count,
    sumUs: known.sumUs + more.sumUs,
    minUs: Math.min(known.minUs, more.minUs),
    maxUs: Math.max(known.maxUs, more.maxUs),
    bytes: known.bytes + more.bytes,
    buckets,
  });
}

export type BySecond = Readonly<{
  /** How many seconds have records, and how many rows lie so near a border that either may be. */
  seconds: number;
  atBorder: number;
  /** What does not agree, in words. */
  faults: readonly string[];
}>;

/**
 * Whether each second's records hold the second's rows, by kind, name and bucket. The clock is read
 * once for a row and once for a record: a row that ends within `borderUs` of a second's border may
 * be in either second.
 */
export function bySecond(
  rows: readonly Row[],
  seconds: readonly SecondTotals[],
  borderUs = 100_000,
): BySecond {
  const sure = new Map<string, number>();
  const possible = new Map<string, number>();
  const recorded = new Map<string, number>();
  const count = (into: Map<string, number>, key: string, times = 1): void => {
    into.set(key, (into.get(key) ?? 0) + times);
  };
  let atBorder = 0;
  for (const { key, endUs, us } of rows) {
    const [first, last] = [secondOf(endUs - borderUs), secondOf(endUs + borderUs)];
    if (first === last) count(sure, `${first} ${key} in bucket ${indexOf(us)}`);
    else atBorder += 1;
    for (let second = first; second <= last; second++)
      count(possible, `${second} ${key} in bucket ${indexOf(us)}`);
  }
  for (const { startMs, totals } of seconds)
    for (const { kind, name, buckets } of totals)
      for (const [bucket, times] of pairs(buckets))
        count(recorded, `${startMs / 1_000} ${kind} ${name} in bucket ${bucket}`, times);
  const keys = new Set([...possible.keys(), ...recorded.keys()]);
  return {
    seconds: new Set(seconds.map(({ startMs }) => startMs)).size,
    atBorder,
    faults: [...keys].flatMap((key) => {
      const [least, most] = [sure.get(key) ?? 0, possible.get(key) ?? 0];
      const there = recorded.get(key) ?? 0;
      return there >= least && there <= most
        ? []
        : [`${key}: ${there} recorded, ${least} to ${most} seen`];
    }),
  };
}

const secondOf = (us: number): number => Math.floor(us / 1e6);

function pairs(buckets: Uint32Array): readonly (readonly [number, number])[] {
  return Array.from({ length: buckets.length / 2 }, (_, place) => [
    buckets[place * 2] ?? 0,
    buckets[place * 2 + 1] ?? 0,
  ]);
}
