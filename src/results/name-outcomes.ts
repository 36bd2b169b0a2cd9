/** How what has a name ended: its failures, their share, and what is not known of them. Pure. */

import type { SampleKind } from '../engine/samples.ts';
import type { NameCounts, Names } from './counting/names.ts';
import type { NameStats, Totals } from './measurements.ts';
import type { Measured } from './slo/judge.ts';
import { outcomesOfTransactions, type TransactionOutcomes } from './transaction-outcomes.ts';

const maxNotedNames = 5;

/**
 * Where figures come from. `sampled`: kinds that have samples; of the others only the engine's own
 * counts are known.
 * `outcomesBySample`: whether a request's sample also says how it ended; else that is known by the
 * run only.
 */
export type Sources = Readonly<{
  sampled: ReadonlySet<SampleKind>;
  outcomesBySample: boolean;
  isOver: boolean;
}>;

/** Of pages and connections nobody says how they ended, unless some are said to have failed. */
export function outcomesOf(
  { kind, failed, histogram, timed, readings }: NameCounts,
  { sampled, outcomesBySample, isOver }: Sources,
  { otherErrors, usersStarted = 0, usersFinished = 0 }: Totals,
): Partial<TransactionOutcomes> {
  const own = (kind === 'request' && outcomesBySample) || failed > 0 ? { failed } : {};
  if (readings === undefined) return own;
  const ended = sampled.has(kind) ? histogram.count : timed.count;
  // While it runs, the engine's counts come a little after the requests.
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
 * An error that is not a request of its own may be of any name. A request of another name that
 * failed is not.
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

/** What `failed` of transactions leaves open. */
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
          `how many transactions failed is not known of ${shown}${more}: the requests that were answered do not tell`,
        ]),
    ...(otherErrors === 0 || transactions.length === 0
      ? []
      : [
          `errors that are not requests of their own: ${otherErrors}; which names and transactions they belong to is not known`,
        ]),
  ];
}
