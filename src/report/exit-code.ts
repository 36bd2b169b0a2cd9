/** The exit code that says how a run ended, for pipelines. Pure. */

import { errorCodes, type Problem } from '../errors.ts';
import type { RunState } from '../run/state.ts';
import type { SloVerdict } from '../slo/result.ts';

/**
 * 0, 1 (a rule or one of the scenario's own thresholds was missed), 3 (the run did not complete),
 * or the exit code of the problem.
 */
export function exitCodeOf(
  { outcome, problems }: Pick<RunState, 'outcome' | 'problems'>,
  verdict: SloVerdict['verdict'] | undefined,
): number {
  const [problem] = problems;
  if (problem !== undefined) return exitOf(problem);
  if (outcome?.kind !== 'complete' && outcome?.kind !== 'cut') return 3;
  return verdict === 'fail' || outcome.verdict?.ok === false ? 1 : 0;
}

// Another version of Onager may have written a code that this one does not know.
function exitOf({ code }: Problem): number {
  return Object.hasOwn(errorCodes, code) ? errorCodes[code].exit : errorCodes.INTERNAL.exit;
}
