/** Adds to what a run warns of, and takes back what is no longer so. */

import type { Exit, Outcome } from '../engine/engine.ts';
import type { ErrorCode, Problem } from '../errors.ts';
import type { RunStore } from './store.ts';

/** Adds warnings that are not there yet. */
export async function warn(store: RunStore, problems: readonly Problem[]): Promise<void> {
  const { warnings } = store.current();
  const codes = new Set(warnings.map(({ code }) => code));
  const news = problems.filter(({ code }) => !codes.has(code));
  if (news.length > 0) await store.note({ warnings: [...warnings, ...news] });
}

/**
 * What is to be known beside the outcome. `warnings`: the engine's own. Why a run failed is no
 * warning beside that.
 */
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
    message: detail ?? 'users whose answers never came were ended',
    hint: 'their requests are counted as errors; limits.drain says how long such users are waited for',
  };
}

export async function unwarn(store: RunStore, code: ErrorCode): Promise<void> {
  const { warnings } = store.current();
  const left = warnings.filter((warning) => warning.code !== code);
  if (left.length < warnings.length) await store.note({ warnings: left });
}
