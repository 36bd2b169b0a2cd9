/** The two things the agent asks of systemd for the machine's end: the unit that powers off, and the timer behind it. */

import { messageOf, OnagerError } from '../errors.ts';
import { exec } from '../exec.ts';

/** Resolves once the machine is on its way down. Throws `POWER_OFF_FAILED`. */
export type PowerOff = () => Promise<void>;

/**
 * systemctl gives up by itself after some tens of seconds; a slow machine takes its time to start
 * it.
 */
const limitMs = 5 * 60_000;

/** `path`: where `systemctl` is looked for. */
export function createPowerOff({ unit, path }: { unit: string; path: string }): PowerOff {
  return async () => {
    try {
      await systemctl(['start', '--no-block', unit], path);
    } catch (error) {
      throw new OnagerError(
        'POWER_OFF_FAILED',
        `the machine does not power off: ${messageOf(error)}`,
        {
          hint: 'terminate the instance yourself; it is tried again every minute, and a timer of the system tries it too',
          cause: error,
        },
      );
    }
  };
}

/** Makes a timer count from now. */
export function createTimerRestart({
  unit,
  path,
}: {
  unit: string;
  path: string;
}): () => Promise<void> {
  return () => systemctl(['restart', unit], path);
}

async function systemctl(args: readonly string[], path: string): Promise<void> {
  const env = { PATH: path };
  const { ok, stderr, words } = await exec('systemctl', { args, env, timeoutMs: limitMs });
  if (!ok) throw new Error(stderr.trim() || words);
}
