/** Switches the machine off, by starting the one unit that does nothing else. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OnagerError } from '../errors.ts';

/** Resolves once the machine is on its way down. Throws `POWER_OFF_FAILED`. */
export type PowerOff = () => Promise<void>;

const limitMs = 30_000;

/** `path`: where `systemctl` is looked for. */
export function createPowerOff({ unit, path }: { unit: string; path: string }): PowerOff {
  return async () => {
    try {
      await promisify(execFile)('systemctl', ['start', '--no-block', unit], {
        env: { PATH: path },
        timeout: limitMs,
      });
    } catch (error) {
      throw new OnagerError('POWER_OFF_FAILED', `the machine does not power off: ${text(error)}`, {
        hint: 'terminate the instance yourself; it is tried again every minute, and a timer of the system tries it too',
        cause: error,
      });
    }
  };
}

function text(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? String(error) : said;
}
