/** Adds to what a run warns of, and takes back what is no longer so. */

import type { Outcome } from '../engine/engine.ts';
import type { ErrorCode, Problem } from '../errors.ts';
import type { RunStore } from './store.ts';

/** Adds warnings that are not there yet. */
export async function warn(store: RunStore, problems: readonly Problem[]): Promise<void> {
  const { warnings } = store.current();
  const codes = new Set(warnings.map(({ code }) => code));
  const news = problems.filter(({ code }) => !codes.has(code));
  if (news.length > 0) await store.note({ warnings: [...warnings, ...news] });
}

/** Why a run failed is no warning beside that. */
export function besideOutcome(
  outcome: Outcome,
  warnings: readonly Problem[] = [],
): readonly Problem[] {
  if (outcome.kind !== 'failed') return warnings;
  return warnings.filter(({ code }) => code !== outcome.problem.code);
}

export async function withdraw(store: RunStore, code: ErrorCode): Promise<void> {
  const { warnings } = store.current();
  const left = warnings.filter((warning) => warning.code !== code);
  if (left.length < warnings.length) await store.note({ warnings: left });
}
