/** Batches as an engine's reader would yield them, from rows that are easy to write. */
import type { Interval, SampleKind, Samples } from '../../../src/engine/samples.ts';
import { TransactionRuns } from '../../../src/engine/tsung/output/transaction-runs.ts';

export const startMs = 1_700_000_000_000;

export type Row = Readonly<{
  name?: string;
  ms?: number;
  us?: number;
  ok?: boolean;
  status?: number;
  error?: string;
  bytes?: number;
  transaction?: string;
  user?: number;
}>;

export function samples(rows: readonly Row[], kind: SampleKind = 'request'): Samples {
  const names = [...new Set(rows.map(({ name = 'get /' }) => name))];
  const errors = [
    '',
    ...new Set(rows.flatMap(({ error }) => (error === undefined ? [] : [error]))),
  ];
  const transactions = [
    '',
    ...new Set(rows.flatMap(({ transaction }) => (transaction === undefined ? [] : [transaction]))),
  ];
  const runs = new TransactionRuns();
  const marks = rows.map(
    ({ user = 1, transaction = '', name = 'get /', ok = true, status = 200 }) =>
      runs.mark(user, transactions.indexOf(transaction), names.indexOf(name), !ok || status >= 400),
  );
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
    ...(transactions.length === 1
      ? {}
      : {
          transactions,
          transaction: Uint32Array.from(rows, ({ transaction = '' }) =>
            transactions.indexOf(transaction),
          ),
          transactionMarks: Uint8Array.from(marks),
        }),
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
