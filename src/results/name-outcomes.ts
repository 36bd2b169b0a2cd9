/** Failures of each name: how many, their share, and what is not known about them. Pure. */

import type { SampleKind } from '../engine/samples.ts';
import type { NameCounts } from './counting/names.ts';
import type { NameStats, Totals } from './measurements.ts';
import type { Measured } from './slo/judge.ts';

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

/**
 * How pages and connections ended is not known, unless some are reported as failed; of transactions
 * it is, where the engine says so.
 */
export function failedOf(
  { kind, failed, tellsFailures }: NameCounts,
  { outcomesBySample }: Sources,
): number | undefined {
  const isKnown = (kind === 'request' && outcomesBySample) || tellsFailures || failed > 0;
  return isKnown ? failed : undefined;
}

/**
 * An error without a request of its own may belong to any name. A failed request of another name
 * does not.
 */
export function sharesOf(
  { failed, ends }: Readonly<{ failed: number | undefined; ends: number }>,
  { otherErrors, errorShare }: Totals,
): Partial<Measured> {
  if (failed === undefined) return { failedShare: errorShare };
  return {
    errorShare: failed / ends,
    errorShareAtMost: (failed + otherErrors) / (ends + otherErrors),
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
      : [`how many transactions failed is not known for ${shown}${more}`]),
    ...(otherErrors === 0 || transactions.length === 0
      ? []
      : [
          `errors without a request of their own: ${otherErrors}; which names and transactions they belong to is not known`,
        ]),
  ];
}
