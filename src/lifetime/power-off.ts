/** Asks systemd to power the machine off, and to restart the timer that does so. */

import { OnagerError } from '../errors.ts';
import { createAsk } from '../systemctl.ts';

/** Resolves once the machine is on its way down. Throws `POWER_OFF_FAILED`. */
export type PowerOff = () => Promise<void>;

/** `path`: where to look for `systemctl`. */
type UnitOptions = Readonly<{ unit: string; path: string }>;

/**
 * systemctl gives up after some tens of seconds; on a slow machine it also takes time to start.
 */
const timing = { showMs: 5 * 60_000, changeMs: 5 * 60_000 };

export function createPowerOff({ unit, path }: UnitOptions): PowerOff {
  const ask = createAsk('systemctl', timing, path);
  return async () => {
    const { failed, words } = await ask(['start', '--no-block', unit]);
    if (!failed) return;
    throw new OnagerError('POWER_OFF_FAILED', `the machine does not power off: ${words}`, {
      hint: 'terminate the instance yourself; the agent and a systemd timer also try again every minute',
    });
  };
}

/** Makes a timer count from now. */
export function createTimerRestart({ unit, path }: UnitOptions): () => Promise<void> {
  const ask = createAsk('systemctl', timing, path);
  return async () => {
    const { failed, words } = await ask(['restart', unit]);
    if (failed) throw new Error(words);
  };
}
