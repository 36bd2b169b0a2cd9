/** Asks for the end of the engine until the request is accepted. */

import { backOff, wait } from '../../retry.ts';
import type { Run } from '../run.ts';

const defaultPace = { firstMs: 1_000, capMs: 30_000 };

/**
 * Retries a failed request, because systemd and polkit may be overloaded. Ends with the signal at
 * the latest; never rejects.
 */
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
      log.error({ err: error }, 'stopping the engine failed; trying again');
    }
    await wait(delayMs, signal).catch(() => undefined);
  }
}
