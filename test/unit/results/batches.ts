/** Batches as an engine's reader would yield them, from rows that are easy to write. */
import type { GeneratorSample } from '../../../src/engine/generator/sample.ts';
import type {
  Interval,
  SampleKind,
  Samples,
  SecondDelay,
  SecondTotals,
  Total,
} from '../../../src/engine/samples.ts';
import { indexOf, longestUs } from '../../../src/results/counting/histogram.ts';

export const startMs = 1_700_000_000_000;

/** A second of a machine with little to do. */
export const calm: GeneratorSample = {
  atMs: startMs + 1_000,
  stepMs: 1_000,
  cpuPercent: 40,
  stealPercent: 0,
  memoryPercent: 30,
  runQueue: 1,
  networkReceivedBytes: 1,
  networkSentBytes: 1,
  openFiles: 100,
  openFilesLimit: 1_000,
  tcpSockets: 10,
  localPorts: 28_000,
  tcpRetransmits: 0,
};

export type Row = Readonly<{
  name?: string;
  ms?: number;
  us?: number;
  ok?: boolean;
  status?: number;
  error?: string;
  bytes?: number;
}>;

export function samples(rows: readonly Row[], kind: SampleKind = 'request'): Samples {
  const names = [...new Set(rows.map(({ name = 'get /' }) => name))];
  const errors = [
    '',
    ...new Set(rows.flatMap(({ error }) => (error === undefined ? [] : [error]))),
  ];
  return {
    type: 'samples',
    kind,
    count: rows.length,
    names,
    errors,
    name: Uint32Array.from(rows, ({ name = 'get /' }) => names.indexOf(name)),
    endMs: Float64Array.from(rows, ({ ms = startMs }) => ms),
    durationUs: Float64Array.from(rows, ({ us = 1_000 }) => us),
    ok: Uint8Array.from(rows, ({ ok = true }) => Number(ok)),
    status: Uint16Array.from(rows, ({ status = 200 }) => status),
    error: Uint16Array.from(rows, ({ error = '' }) => errors.indexOf(error)),
    bytes: Float64Array.from(rows, ({ bytes = 0 }) => bytes),
  };
}

/** The same rows as an engine gives them that counts by itself: one batch a second. */
export function totals(
  rows: readonly Row[],
  kind: SampleKind = 'request',
): readonly SecondTotals[] {
  const seconds = Map.groupBy(rows, ({ ms = startMs }) => Math.floor(ms / 1_000));
  const first = kind === 'request' || kind === 'connect' ? firstErrors(rows) : [];
  return [...seconds].map(([second, its]) => ({
    type: 'totals',
    startMs: second * 1_000,
    totals: [...Map.groupBy(its, outcomeOf).values()].map((alike) => totalOf(alike, kind)),
    errors: first
      .filter((row) => its.includes(row))
      .map(({ ms = startMs, name = 'get /', status = 200, error = '', ok = true }) => {
        return { atMs: ms, name, status, error: ok ? error : error || 'failed' };
      }),
  }));
}

function firstErrors(rows: readonly Row[]): readonly Row[] {
  const failed = rows.filter(({ ok = true, status = 200 }) => !ok || status >= 400);
  const kinds = Map.groupBy(failed, ({ error = '', status = 200 }) => error || status);
  return [...kinds.values()].flatMap((its) => its.slice(0, 5));
}

function outcomeOf({ name = 'get /', status = 200, ok = true, error = '' }: Row): string {
  return JSON.stringify([name, status, ok ? error : error || 'failed']);
}

function totalOf(rows: readonly Row[], kind: SampleKind): Total {
  const [{ name = 'get /', status = 200, ok = true, error = '' } = {}] = rows;
  const durations = rows.map(({ us = 1_000 }) => us);
  const counted = Map.groupBy(durations, (us) => indexOf(Math.min(Math.round(us), longestUs)));
  const ends = rows.map(({ ms = startMs }) => ms);
  return {
    kind,
    name,
    status,
    error: ok ? error : error || 'failed',
    count: rows.length,
    sumUs: durations.reduce((sum, us) => sum + us, 0),
    minUs: Math.min(...durations),
    maxUs: Math.max(...durations),
    bytes: rows.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    firstMs: Math.min(...rows.map(({ ms = startMs, us = 1_000 }) => ms - us / 1_000)),
    lastMs: Math.max(...ends),
    buckets: Uint32Array.from(
      [...counted].toSorted(([a], [b]) => a - b).flatMap(([bucket, its]) => [bucket, its.length]),
    ),
  };
}

/** How late each timer was, and how many processes waited then. */
export function delayed(lateUs: readonly number[], queues: readonly number[] = [0]): SecondDelay {
  const counted = Map.groupBy(lateUs, indexOf);
  return {
    count: lateUs.length,
    sumUs: lateUs.reduce((sum, us) => sum + us, 0),
    minUs: Math.min(...lateUs),
    maxUs: Math.max(...lateUs),
    buckets: Uint32Array.from(
      [...counted].toSorted(([a], [b]) => a - b).flatMap(([bucket, its]) => [bucket, its.length]),
    ),
    looks: queues.length,
    queueSum: queues.reduce((sum, queue) => sum + queue, 0),
    queueMax: Math.max(...queues),
  };
}

export function interval(its: Partial<Interval> = {}): Interval {
  return {
    type: 'interval',
    endMs: startMs + 1_000,
    stepMs: 1_000,
    usersStarted: 0,
    usersFinished: 0,
    bytesReceived: 0,
    bytesSent: 0,
    statuses: {},
    errors: {},
    timings: [],
    ...its,
  };
}
