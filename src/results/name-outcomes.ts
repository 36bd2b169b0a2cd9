/** Failures of each name: how many, their share, and what is not known about them. Pure. */

import type { SampleKind } from '../engine/samples.ts';
import type { NameCounts, Names } from './counting/names.ts';
import type { NameStats, Totals } from './measurements.ts';
import type { Measured } from './slo/judge.ts';
import { outcomesOfTransactions, type TransactionOutcomes } from './transaction-outcomes.ts';

const maxNotedNames = 5;

/**
 * Where figures come from. `sampled`: kinds that have samples; for the others only the engine's own
 * counts are known.
 * `outcomesBySample`: whether a request's sample also says how it ended; else that is known by the
 * run only.
 */
export type Sources = Readonly<{
  sampled: ReadonlySet<SampleKind>;
  outcomesBySample: boolean;
  isOver: boolean;
}>;

/** How pages and connections ended is not known, unless some are reported as failed. */
export function outcomesOf(
  { kind, failed, histogram, timed, readings }: NameCounts,
  { sampled, outcomesBySample, isOver }: Sources,
  { otherErrors, usersStarted = 0, usersFinished = 0 }: Totals,
): Partial<TransactionOutcomes> {
  const own = (kind === 'request' && outcomesBySample) || failed > 0 ? { failed } : {};
  if (readings === undefined) return own;
  const ended = sampled.has(kind) ? histogram.count : timed.count;
  // During a run, the engine's counts arrive a little after the requests.
  const late = isOver ? 0 : 10 + ended / 10;
  const underWay = Math.max(0, usersStarted - usersFinished);
  return outcomesOfTransactions(readings, { ended, errors: otherErrors, underWay, late }) ?? own;
}

export function told({
  failed,
  failedAtMost = failed,
  transactions,
}: Partial<TransactionOutcomes>): Pick<NameStats, 'failed' | 'failedAtMost' | 'transactions'> {
  return {
    ...(failed === undefined ? {} : { failed }),
    ...(failedAtMost === undefined || failedAtMost === failed ? {} : { failedAtMost }),
    ...(transactions === undefined ? {} : { transactions }),
  };
}

export function courseOptions(
  name: NameCounts,
  sources: Sources,
  totals: Totals,
): Parameters<Names['courseOf']>[1] {
  const { failedCourse } = outcomesOf(name, sources, totals);
  return { sampled: sources.sampled.has(name.kind), failedCourse };
}

/**
 * An error without a request of its own may belong to any name. A failed request of another name
 * does not.
 */
export function sharesOf(
  {
    failed,
    failedAtMost,
    ends,
  }: Readonly<{ failed: number | undefined; failedAtMost: number | undefined; ends: number }>,
  { otherErrors, errorShare }: Totals,
): Partial<Measured> {
  if (failed === undefined) return { failedShare: errorShare };
  return {
    errorShare: failed / ends,
    errorShareAtMost:
      failedAtMost === undefined
        ? (failed + otherErrors) / (ends + otherErrors)
        : failedAtMost / ends,
    failedShare: Math.max(otherErrors > 0 ? errorShare : 0, failed / ends),
  };
}

/** What the `failed` figure of transactions does not tell. */
export function transactionNotes(
  { outcomesBySample }: Sources,
  { otherErrors }: Totals,
  names: readonly NameStats[],
): string[] {
  const transactions = names.filter(({ kind }) => kind === 'transaction');
  const unknown = transactions
    .filter(({ failed }) => outcomesBySample && failed === undefined)
    .map(({ name }) => name);
  const shown = unknown.slice(0, maxNotedNames).join(', ');
  const more = unknown.length > maxNotedNames ? ` and ${unknown.length - maxNotedNames} more` : '';
  return [
    ...(unknown.length === 0
      ? []
      : [
          `how many transactions failed is not known for ${shown}${more}: the answered requests do not tell`,
        ]),
    ...(otherErrors === 0 || transactions.length === 0
      ? []
      : [
          `errors without a request of their own: ${otherErrors}; which names and transactions they belong to is not known`,
        ]),
  ];
}
