/** The launcher on an instance: the supervisor is a systemd unit that runs as another user. */

import { randomBytes } from 'node:crypto';
import { rename, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OnagerError } from '../../errors.ts';
import { createAsk, howItEnded, isRunning, showUnit } from '../../systemctl.ts';
import { createFiredReader } from '../handover/process-file.ts';
import { withdraw } from '../handover/withdrawal.ts';
import { isThisBoot } from '../processes.ts';
import { type Launcher, launcherBy } from './launcher.ts';
import { createUnitStart, type SystemdTiming } from './unit-start.ts';

type SystemdLauncherOptions = Readonly<{
  /** A unit that runs the plan behind `planLink`. */
  unit: string;
  planLink: string;
  systemctl?: string;
  timing?: Partial<SystemdTiming>;
}>;

const defaultTiming: SystemdTiming = {
  firstMs: 500,
  capMs: 15_000,
  patienceMs: 5 * 60_000,
  showEveryMs: 1_000,
  showMs: 30_000,
  changeMs: 10 * 60_000,
};

export function createSystemdLauncher({
  unit,
  planLink,
  systemctl = 'systemctl',
  ...options
}: SystemdLauncherOptions): Launcher {
  const timing = { ...defaultTiming, ...options.timing };
  const ask = createAsk(systemctl, timing);
  const readFired = createFiredReader();
  const startUnit = createUnitStart({ unit, ask, timing, readFired });

  // Reads no file: whatever the engine has done to them, it cannot keep the load running.
  async function stop(): Promise<void> {
    if (!isRunning(await showUnit(ask, unit))) return;
    const { failed, words } = await ask(['stop', '--no-block', unit]);
    if (!failed) return;
    throw new OnagerError('ENGINE_STOP_DENIED', `cannot stop ${unit}: ${words}`, {
      hint: 'is the polkit rule of the onager package installed, and is polkit running?',
    });
  }

  return launcherBy(
    {
      isRunning: async (fired) => isThisBoot(fired) && isRunning(await showUnit(ask, unit)),
      async fire(planPath, startOptions) {
        await pointTo(planLink, planPath);
        const outputDir = dirname(planPath);
        const failure = await startUnit(outputDir, startOptions);
        if (failure === undefined || !(await withdraw(outputDir))) return 'fired';
        void ask(['stop', '--no-block', unit]);
        if (startOptions.withdrawn?.aborted === true) return 'withdrawn';
        throw new OnagerError('ENGINE_HOST_FAILED', `${unit} did not fire: ${failure}`, {
          hint: `its last output: journalctl -u ${unit}`,
        });
      },
      stop,
      // The unit's TimeoutStopSec kills what does not end, and systemd thaws what is frozen.
      kill: stop,
      // The unit is gone, and with it everything it started.
      endLeftovers: async (_outputDir, fired) =>
        isThisBoot(fired) ? howItEnded(await showUnit(ask, unit)) : '',
    },
    readFired,
  );
}

async function pointTo(link: string, target: string): Promise<void> {
  const draft = `${link}.${randomBytes(6).toString('hex')}.tmp`;
  await symlink(target, draft);
  await rename(draft, link);
}
