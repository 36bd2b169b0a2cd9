/**
 * Decides why the load ended, from all that is known, for the agent and for `onager report`. Pure.
 */

import type { Exit, Outcome } from '../engine/engine.ts';
import type { Problem } from '../errors.ts';
import type { RunState } from './state.ts';

/** What is known about a load that has ended. */
type EndFacts = Readonly<{
  /** What the engine's adapter says. It sees that the engine was stopped, but not why. */
  told: Outcome;
  /** Why the supervisor ended the engine, from exit.json. */
  reason: Exit['reason'];
  /** The boot in which the engine was fired, from fired.json. */
  firedBootId?: string | undefined;
  /** The current boot of the machine that fired; absent if this may be another machine. */
  bootId?: string | undefined;
}> &
  EarlyEndFacts;

/** What the run's state says about an early end of the load. */
type EarlyEndFacts = Pick<RunState, 'interruption' | 'stopAskedAt'>;

export function outcomeOf(facts: EndFacts): Outcome {
  const { told, reason, firedBootId, bootId, interruption, stopAskedAt } = facts;
  // For every other reason, the adapter already knows everything.
  if (reason !== 'stopped' && reason !== 'lost') return told;
  if (reason === 'lost' && interruption?.code === 'ENGINE_HOST_STUCK')
    return interrupted(interruption, told);
  if (stopAskedAt !== undefined) return told;
  if (interruption !== undefined) return interrupted(interruption, told);
  if (firedBootId !== undefined && bootId !== undefined && firedBootId !== bootId)
    return interrupted(rebooted, told);
  return reason === 'stopped' ? interrupted(stoppedFromOutside, told) : told;
}

/**
 * The outcome of a run that was stopped or interrupted before its load ended; undefined if it was
 * neither. Once the engine has been fired, a request to stop is not an explanation.
 */
export function outcomeWithoutLoad(
  { interruption, stopAskedAt }: EarlyEndFacts,
  { hasFired }: Readonly<{ hasFired: boolean }>,
): Outcome | undefined {
  if (stopAskedAt !== undefined) return hasFired ? undefined : { kind: 'stopped' };
  return interruption && interrupted(interruption);
}

/** Keeps the scenario's own verdict. */
function interrupted(problem: Problem, { verdict }: Pick<Outcome, 'verdict'> = {}): Outcome {
  return { kind: 'interrupted', problem, ...(verdict === undefined ? {} : { verdict }) };
}

const rebooted: Problem = {
  code: 'ENGINE_INTERRUPTED',
  message: 'the machine was rebooted, or was stopped and started again, while the load ran',
  hint: 'a scenario is fired once, so it was not started again; what was measured until then is reported',
};

const stoppedFromOutside: Problem = {
  code: 'ENGINE_INTERRUPTED',
  message: 'the engine was stopped from outside Onager while the load ran',
  hint: 'its service was stopped, the machine was shutting down, or a rehearsal was killed; what was measured until then is reported',
};
