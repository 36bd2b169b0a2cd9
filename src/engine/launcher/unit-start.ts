/** Starts the supervisor's unit, and retries until it has fired or the time is up. */

import { backOff, wait } from '../../retry.ts';
import {
  type AnswerTiming,
  type Ask,
  howItEnded,
  isRunning,
  never,
  showUnit,
} from '../../systemctl.ts';
import type { FiredReader } from '../handover/process-file.ts';
import { firedEveryMs, type StartOptions } from './launcher.ts';

export type SystemdTiming = AnswerTiming &
  Readonly<{
    /** Between two attempts to start; each doubled up to `capMs`. */
    firstMs: number;
    capMs: number;
    /** The total time it waits between attempts before it gives up. */
    patienceMs: number;
    /** How often the unit is checked while it runs and has not fired. */
    showEveryMs: number;
  }>;

type Unit = Readonly<{ unit: string; ask: Ask; timing: SystemdTiming; readFired: FiredReader }>;

const notWaitedFor = 'it is no longer needed';

/**
 * Undefined once it has fired; otherwise why not, once the time is up. A start is safe to
 * repeat, because the claim lets a plan be fired only once.
 */
export function createUnitStart(
  unit: Unit,
): (outputDir: string, options: StartOptions) => Promise<string | undefined> {
  const { timing } = unit;
  return async (outputDir, { signal = never, withdrawn = never, onFailure }) => {
    const over = AbortSignal.any([signal, withdrawn]);
    const delays = backOff(timing);
    for (let waitedMs = 0; ; ) {
      const failure = await attempt(unit, outputDir, over);
      signal.throwIfAborted();
      if (failure === undefined || withdrawn.aborted || waitedMs >= timing.patienceMs)
        return failure;
      onFailure?.(failure);
      const delayMs = delays.next().value;
      waitedMs += delayMs;
      await wait(delayMs, over).catch(() => undefined);
    }
  };
}

/** Undefined once it has fired; otherwise why this attempt failed. */
async function attempt(
  unit: Unit,
  outputDir: string,
  over: AbortSignal,
): Promise<string | undefined> {
  const { readFired } = unit;
  const fired = new AbortController();
  let failure: string | undefined;
  const isOpen = (): boolean => failure === undefined && !over.aborted;
  void runOnce(unit, AbortSignal.any([over, fired.signal])).then((why) => {
    failure = why;
  });
  try {
    while (isOpen() && (await readFired(outputDir)) === undefined)
      await wait(firedEveryMs, over).catch(() => undefined);
  } finally {
    // Also if something else is in the claim's place: then the unit is not checked.
    fired.abort();
  }
  // Checked once more: it may have fired in its last moment.
  if ((await readFired(outputDir)) !== undefined) return undefined;
  return failure ?? notWaitedFor;
}

/** Starts the unit; resolves with why it does not run, or has stopped. */
async function runOnce({ unit, ask, timing }: Unit, over: AbortSignal): Promise<string> {
  const { failed, words } = await ask(['start', unit], over);
  let ended = failed ? words : undefined;
  while (ended === undefined) {
    if (over.aborted) return notWaitedFor;
    await wait(timing.showEveryMs, over).catch(() => undefined);
    const state = await showUnit(ask, unit);
    if (!isRunning(state)) ended = howItEnded(state);
  }
  return ended;
}
