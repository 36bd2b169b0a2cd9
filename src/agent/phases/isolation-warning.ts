/** Warns if the supervisor found that the engine's user is not isolated. */

import { isolationProblem, readIsolation } from '../../engine/supervisor/isolation.ts';
import { backOff, wait } from '../../retry.ts';
import { warn } from '../../run/warnings.ts';
import type { Run } from '../run.ts';

/**
 * Waits for the supervisor's result, or for the end of the run (the signal); never rejects.
 */
export async function noteIsolation(
  run: Pick<Run, 'folder' | 'log' | 'signal' | 'store'>,
  signal: AbortSignal,
): Promise<void> {
  const { folder, log, store } = run;
  try {
    // The supervisor probes while it fires, which takes three seconds, or longer on a slow machine.
    const delays = backOff({ firstMs: 250, capMs: 5_000 });
    let isolation = await readIsolation(folder.engineDir);
    while (isolation === undefined && !signal.aborted) {
      await wait(delays.next().value, signal).catch(() => undefined);
      isolation = await readIsolation(folder.engineDir);
    }
    const problem = isolationProblem(isolation);
    if (problem === undefined || run.signal.aborted) return;
    log.warn({ problem }, 'the engine is not isolated');
    await warn(store, [problem]);
  } catch (error) {
    log.error({ err: error }, 'the isolation of the engine is not known');
  }
}
