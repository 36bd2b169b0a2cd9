/**
 * Reads how the load ended, and notes it in the run's state: by the agent, or later by `onager
 * report`.
 */

import type { Exit, Outcome } from '../engine/engine.ts';
import { engineOutput } from '../engine/handover/exit-file.ts';
import { readFired } from '../engine/handover/process-file.ts';
import { knownEngine } from '../engine/registry.ts';
import type { Problem } from '../errors.ts';
import { outcomeOf } from './outcome.ts';
import type { RunState } from './state.ts';
import { besideOutcome, withWarnings } from './warnings.ts';

/** How the load of a run ended, and what is worth a warning beside that. */
export type LoadEnd = Readonly<{ exit: Exit; outcome: Outcome; warnings: readonly Problem[] }>;

/** `bootId`: of the machine that fired, as it is now; absent where this may be another machine. */
export async function readLoadEnd(
  state: RunState,
  {
    engineName,
    engineDir,
    exit,
    bootId,
  }: Readonly<{ engineName: string; engineDir: string; exit: Exit; bootId: string | undefined }>,
): Promise<LoadEnd> {
  const engine = knownEngine(engineName);
  const output = engineOutput(engineDir);
  const { interruption, stopAskedAt } = state;
  // The engine can write in this folder as well: what cannot be read is not known.
  const fired = await readFired(engineDir).catch(() => undefined);
  const outcome = outcomeOf({
    told: await engine.outcome(output, exit),
    reason: exit.reason,
    firedBootId: fired?.bootId,
    bootId,
    ...(interruption === undefined ? {} : { interruption }),
    ...(stopAskedAt === undefined ? {} : { stopAskedAt }),
  });
  const warnings = besideOutcome(outcome, exit, await engine.warnings?.(output));
  return { exit, outcome, warnings };
}

/** How a run ended, and what changes in its state by that. */
export type RunEnd = Readonly<{ outcome: Outcome }> &
  Partial<Pick<RunState, 'problems' | 'warnings' | 'engine'>>;

export function withLoadEnd(
  { engine, warnings: known }: RunState,
  { exit: { startedAt, endedAt }, outcome, warnings }: LoadEnd,
): RunEnd {
  return {
    outcome,
    problems: outcome.kind === 'failed' ? [outcome.problem] : [],
    warnings: withWarnings(known, warnings),
    ...(engine === undefined ? {} : { engine: { ...engine, startedAt, endedAt } }),
  };
}
