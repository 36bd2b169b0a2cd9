/** A batch of samples in columns, filled row by row and passed on when full. */

import type { SampleKind, Samples } from '../../samples.ts';

export const batchRows = 4_096;
const noNames: readonly string[] = [];

/** Columns to write into; `take` describes the first `count` rows as a batch and starts over. */
export type ColumnBatch = {
  count: number;
  readonly name: Uint32Array;
  readonly endMs: Float64Array;
  readonly durationUs: Float64Array;
  readonly ok: Uint8Array;
  readonly status: Uint16Array;
  readonly error: Uint16Array;
  readonly bytes: Float64Array;
  readonly transaction: Uint32Array;
  readonly transactionMarks: Uint8Array;
  take(): Samples;
};

export function createColumnBatch(
  kind: SampleKind,
  names: readonly string[],
  errors: readonly string[],
  transactions?: readonly string[],
): ColumnBatch {
  const batch: ColumnBatch = {
    count: 0,
    name: new Uint32Array(batchRows),
    endMs: new Float64Array(batchRows),
    durationUs: new Float64Array(batchRows),
    ok: new Uint8Array(batchRows),
    status: new Uint16Array(batchRows),
    error: new Uint16Array(batchRows),
    bytes: new Float64Array(batchRows),
    transaction: new Uint32Array(transactions === undefined ? 0 : batchRows),
    transactionMarks: new Uint8Array(transactions === undefined ? 0 : batchRows),
    take() {
      const { count, name, endMs, durationUs, ok, status, error, bytes, transaction } = batch;
      const { transactionMarks } = batch;
      batch.count = 0;
      return {
        type: 'samples',
        kind,
        count,
        names,
        errors,
        name,
        endMs,
        durationUs,
        ok,
        status,
        error,
        bytes,
        // Always present: V8 compiles the loops over batches for one object shape.
        transactions: transactions ?? noNames,
        transaction,
        transactionMarks,
      };
    },
  };
  return batch;
}
