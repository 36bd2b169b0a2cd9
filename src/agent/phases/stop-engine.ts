/** Asks for the end of the engine until that is heard. */

import { backOff, wait } from '../../retry.ts';
import type { Run } from '../run.ts';

const defaultPace = { firstMs: 1_000, capMs: 30_000 };

/** Asks again where it cannot be asked: systemd or polkit may have no time for it. Ends with the signal at the latest; never rejects. */
export async function stopEngine(
  { folder, launcher, log }: Pick<Run, 'folder' | 'launcher' | 'log'>,
  signal: AbortSignal,
  pace = defaultPace,
): Promise<void> {
  for (const delayMs of backOff(pace)) {
    if (signal.aborted) return;
    try {
      return await launcher.stop(folder.engineDir);
    } catch (error) {
      log.error({ err: error }, 'stopping the engine failed; it is tried again');
    }
    await wait(delayMs, signal).catch(() => undefined);
  }
}
