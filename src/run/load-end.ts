/**
 * Reads how the load ended, for the run's state: during the run, or later for `onager report`.
 */

import type { Exit, Outcome } from '../engine/engine.ts';
import { engineOutput } from '../engine/handover/exit-file.ts';
import { readFired } from '../engine/handover/process-file.ts';
import { knownEngine } from '../engine/registry.ts';
import type { Problem } from '../errors.ts';
import { outcomeOf } from './outcome.ts';
import type { RunState } from './state.ts';
import { besideOutcome, withWarnings } from './warnings.ts';

/** How the load of a run ended, and what else to warn about. */
export type LoadEnd = Readonly<{ exit: Exit; outcome: Outcome; warnings: readonly Problem[] }>;

/** `bootId`: the current boot of the machine that fired; absent if this may be another machine. */
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
  // The engine can write to this folder too: if the file cannot be read, the boot is unknown.
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

/** How a run ended, and the other fields of its state that change with that. */
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
