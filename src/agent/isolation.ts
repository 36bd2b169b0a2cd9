/** Takes over what the engine's host found out about its walls, as a warning where one is missing. */

import { isolationProblem, readIsolation } from '../lifecycle/isolation.ts';
import { wait } from '../retry.ts';
import { warn } from '../run/warnings.ts';
import type { Run } from './run.ts';

const lookEveryMs = 250;
/** The host probes as it fires, which takes a quarter of a second. */
const limitMs = 15_000;

/** Ends with the signal at the latest; never rejects. */
export async function noteIsolation(run: Run, signal: AbortSignal): Promise<void> {
  const { folder, log, store } = run;
  try {
    const deadlineMs = performance.now() + limitMs;
    let isolation = await readIsolation(folder.engineDir);
    while (isolation === undefined && !signal.aborted && performance.now() < deadlineMs) {
      await wait(lookEveryMs, signal).catch(() => undefined);
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
