/** Says by an exit code how a run ended, for whoever starts Onager in a pipeline. Pure. */

import { errorCodes, type Problem } from '../errors.ts';
import type { RunState } from '../run/state.ts';
import type { Summary } from './summary.ts';

/**
 * 0, 1 (rules missed, or the scenario's own thresholds), 3 (the run did not complete), or the code
 * of what was wrong.
 */
export function exitCodeOf(
  { outcome, problems }: Pick<RunState, 'outcome' | 'problems'>,
  verdict: Summary['slo']['verdict'] | undefined,
): number {
  const [problem] = problems;
  if (problem !== undefined) return exitOf(problem);
  if (outcome?.kind !== 'complete' && outcome?.kind !== 'cut') return 3;
  return verdict === 'fail' || outcome.verdict?.ok === false ? 1 : 0;
}

// A state that another version of Onager wrote may have a code that this one does not know.
function exitOf({ code }: Problem): number {
  return Object.hasOwn(errorCodes, code) ? errorCodes[code].exit : errorCodes.INTERNAL.exit;
}
