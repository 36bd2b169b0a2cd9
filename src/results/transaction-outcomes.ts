/** How many transactions failed, derived from their requests. Pure. */

import type { Reading, Readings } from './counting/names.ts';

/** `failed` of `transactions`; `failedAtMost` if all errors without an owner were theirs. */
export type TransactionOutcomes = Readonly<{
  transactions: number;
  failed: number;
  failedAtMost: number;
  failedCourse: Reading['failedCourse'];
}>;

/**
 * `ended`: transactions that came to an end, as the engine counts them. `errors`: those
 * without a request, each of which may have broken one off. `underWay`: users who may be
 * within one. `late`: how many more requests than ends may be known.
 */
type TransactionFacts = Readonly<{
  ended: number;
  errors: number;
  underWay: number;
  late: number;
}>;

/**
 * Rows do not say where one transaction ends and the next of its name begins. Of the ways to tell
 * them apart the one is taken whose number of transactions can be that of the engine; undefined
 * where none can.
 */
export function outcomesOfTransactions(
  { runs, rounds, requests }: Readings,
  { ended, errors, underWay, late }: TransactionFacts,
): TransactionOutcomes | undefined {
  const [least, most] = [ended - errors - late, ended + underWay + late];
  const [best] = [runs, rounds, requests]
    .filter(({ begun }) => begun > 0 && begun >= least && begun <= most)
    .toSorted((a, b) => Math.abs(a.begun - ended) - Math.abs(b.begun - ended));
  if (best === undefined) return undefined;
  const transactions = Math.max(best.begun, ended);
  return {
    transactions,
    failed: best.failed,
    failedAtMost: Math.min(transactions, best.failed + errors),
    failedCourse: best.failedCourse,
  };
}
