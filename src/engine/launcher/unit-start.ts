/** Starts the supervisor's unit until it has fired, with patience for a systemd that does not do so at once. */

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
    /** How much waiting between attempts there is before it is given up. */
    patienceMs: number;
    /** How often the unit is looked at while it runs and has not fired. */
    showEveryMs: number;
  }>;

type Unit = Readonly<{ unit: string; ask: Ask; timing: SystemdTiming; readFired: FiredReader }>;

const notWaitedFor = 'it is no longer waited for';

/**
 * Undefined once it has fired; else why not, when there is no patience left. A start is safe to
 * repeat: the claim fires once.
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

/** Undefined once it has fired; else why this attempt came to nothing. */
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
    // Also where something else lies in the place of the claim: nobody looks at the unit any more.
    fired.abort();
  }
  // Asked once more: it may have fired in its last moment.
  if ((await readFired(outputDir)) !== undefined) return undefined;
  return failure ?? notWaitedFor;
}

/** Has the unit started; resolves with why it does not run, or no longer. */
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
