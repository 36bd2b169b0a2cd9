/** Adds warnings to a run, and removes those that no longer apply. */

import type { Exit, Outcome } from '../engine/engine.ts';
import type { ErrorCode, Problem } from '../errors.ts';
import type { RunStore } from './store.ts';

/** Adds the warnings that the run does not have yet. */
export async function warn(store: RunStore, problems: readonly Problem[]): Promise<void> {
  const { warnings } = store.current();
  const all = withWarnings(warnings, problems);
  if (all.length > warnings.length) await store.note({ warnings: all });
}

/** Something that is retried for hours may fail with a different message each time. */
const maxOfACode = 50;

/** The known warnings and the new ones, each once, and at most 50 with the same code. */
export function withWarnings(
  known: readonly Problem[],
  news: readonly Problem[],
): readonly Problem[] {
  const all = [...known];
  for (const problem of news) {
    const alike = all.filter(({ code }) => code === problem.code);
    if (alike.length < maxOfACode && !alike.some((other) => isSame(other, problem)))
      all.push(problem);
  }
  return all;
}

function isSame(a: Problem, b: Problem): boolean {
  return a.code === b.code && a.message === b.message && a.where === b.where;
}

/** What to warn about besides the outcome: the engine's warnings, except why the run failed. */
export function besideOutcome(
  outcome: Outcome,
  exit: Exit,
  warnings: readonly Problem[] = [],
): readonly Problem[] {
  const all = exit.reason === 'drain-limit' ? [...warnings, drained(exit)] : warnings;
  if (outcome.kind !== 'failed') return all;
  return all.filter(({ code }) => code !== outcome.problem.code);
}

function drained({ detail }: Exit): Problem {
  return {
    code: 'ENGINE_DRAINED',
    message: detail ?? 'users who were still waiting for answers were ended',
    hint: 'their requests are counted as errors; limits.drain sets how long Onager waits for such users',
  };
}

export async function unwarn(store: RunStore, code: ErrorCode): Promise<void> {
  const { warnings } = store.current();
  const left = warnings.filter((warning) => warning.code !== code);
  if (left.length < warnings.length) await store.note({ warnings: left });
}
