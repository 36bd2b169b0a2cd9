/** Asks a running engine to end early in its own way, which keeps its statistics. */

import { messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Exit, Plan, Supervised } from '../engine.ts';
import type { StartedEngine } from './engine-process.ts';
import { within } from './within.ts';

export type AskTiming = Readonly<{
  /** How long asking for an early end may take, then how long that end may take. */
  requestStopMs: number;
  stopGraceMs: number;
}>;

/** Resolves when the engine's main process has ended, or does not react. */
export async function askToEnd(
  {
    engine,
    plan,
    log,
    timing,
  }: Readonly<{ engine: Supervised; plan: Plan; log: Log; timing: AskTiming }>,
  started: Pick<StartedEngine, 'ended' | 'sendSignal'>,
  why: Exit['reason'],
): Promise<void> {
  const { signal, graceMs = 0 } = plan.stop ?? {};
  if (engine.requestStop !== undefined) {
    try {
      const asked = engine.requestStop(plan, why).then(() => 'asked' as const);
      const ended = started.ended.then(() => 'ended' as const);
      const answer = await within(Promise.race([asked, ended]), timing.requestStopMs);
      if (answer === undefined) throw new Error('no answer');
      if (answer === 'ended') return;
      // The signal's grace is a part of this one, so that the whole never takes longer.
      const end = await within(started.ended, Math.max(0, timing.stopGraceMs - graceMs));
      if (end !== undefined) return;
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the engine cannot be asked to end');
    }
  }
  if (signal === undefined) return;
  if (started.sendSignal(signal)) await within(started.ended, graceMs);
}
