/** Takes over what the engine's host found out about its walls, as a warning where one is missing. */

import { isolationProblem, readIsolation } from '../../engine/supervisor/isolation.ts';
import { backOff, wait } from '../../retry.ts';
import { warn } from '../../run/warnings.ts';
import type { Run } from '../run.ts';

/**
 * Looks until the host has said it, or the run is over (the signal), at the latest; never rejects.
 */
export async function noteIsolation(
  run: Pick<Run, 'folder' | 'log' | 'signal' | 'store'>,
  signal: AbortSignal,
): Promise<void> {
  const { folder, log, store } = run;
  try {
    // The host probes as it fires, which takes three seconds, or as long as a slow machine needs.
    const delays = backOff({ firstMs: 250, capMs: 5_000 });
    let isolation = await readIsolation(folder.engineDir);
    while (isolation === undefined && !signal.aborted) {
      await wait(delays.next().value, signal).catch(() => undefined);
      isolation = await readIsolation(folder.engineDir);
    }
    const problem = isolationProblem(isolation);
    if (problem === undefined || run.signal.aborted) return;
    log.warn({ problem }, 'a wall around the engine is missing');
    await warn(store, [problem]);
  } catch (error) {
    log.error({ err: error }, 'the walls around the engine are not known');
  }
}
