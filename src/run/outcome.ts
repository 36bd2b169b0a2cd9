/** How a run ended whose agent was killed before it could say so: found out from what the engine's host wrote last. */

import type { Outcome } from '../engine/engine.ts';
import { engineOutput, readExit } from '../engine/handover/exit-file.ts';
import { knownEngine } from '../engine/registry.ts';
import type { RunFolder } from './folder.ts';
import type { RunState } from './state.ts';
import { besideOutcome } from './warnings.ts';

/** The state with its outcome; as it is where that is known already, or where the engine never came to an end. */
export async function withOutcome(
  state: RunState,
  { engineDir }: RunFolder,
  engineName: string,
): Promise<RunState> {
  if (state.outcome !== undefined || state.problems.length > 0) return state;
  const exit = await readExit(engineDir);
  if (exit === undefined) return state;
  const [engine, output] = [knownEngine(engineName), engineOutput(engineDir)];
  const told = await engine.outcome(output, exit);
  const outcome = told.kind === 'stopped' ? whoStopped(state) : told;
  const { startedAt, endedAt } = exit;
  return {
    ...state,
    outcome,
    problems: outcome.kind === 'failed' ? [outcome.problem] : [],
    warnings: [...state.warnings, ...besideOutcome(outcome, exit, await engine.warnings?.(output))],
    ...(state.engine === undefined ? {} : { engine: { ...state.engine, startedAt, endedAt } }),
  };
}

// The engine sees only that somebody ended it, not whether that was asked for.
function whoStopped({ interruption, stopAskedAt }: RunState): Outcome {
  if (stopAskedAt !== undefined) return { kind: 'stopped' };
  return { kind: 'interrupted', problem: interruption ?? endedFromOutside };
}

const endedFromOutside = {
  code: 'ENGINE_INTERRUPTED',
  message: 'the load was ended from outside, and nobody had asked for it on the page',
  hint: 'a rehearsal that is killed takes its load along; what was measured until then is reported',
} as const;
