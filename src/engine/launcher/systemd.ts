/** The launcher on an instance: the engine's host process is a systemd unit, which runs as another user and outlives the agent. */

import { randomBytes } from 'node:crypto';
import { rename, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OnagerError } from '../../errors.ts';
import { backOff, wait } from '../../retry.ts';
import {
  type AnswerTiming,
  createAsk,
  howItEnded,
  isRunning,
  never,
  showUnit,
} from '../../systemctl.ts';
import { awaitedExit } from '../handover/exit-file.ts';
import { createFiredReader } from '../handover/process-file.ts';
import { isWithdrawn, withdraw } from '../handover/withdrawal.ts';
import { isThisBoot } from '../processes.ts';
import {
  type EngineStatus,
  firedEveryMs,
  givenUp,
  type Launcher,
  type StartOptions,
  writeLost,
} from './child.ts';

export type SystemdLauncherOptions = Readonly<{
  /** A unit that runs the plan behind `planLink`. */
  unit: string;
  planLink: string;
  systemctl?: string;
  timing?: Partial<SystemdTiming>;
}>;

export type SystemdTiming = AnswerTiming &
  Readonly<{
    /** Between two attempts to start; each doubled up to `capMs`. */
    firstMs: number;
    capMs: number;
    /** How much waiting between attempts there is before it is given up. */
    patienceMs: number;
    /** How often the unit is looked at while it runs and has not fired. */
    showEveryMs: number;
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

  async function status(outputDir: string): Promise<EngineStatus> {
    const fired = await readFired(outputDir);
    if (fired === undefined) return 'not-fired';
    // The unit decides: the engine can write an exit.json as well as its host. Asked first, for a
    // host that ends between the two questions has written it by then.
    if (isThisBoot(fired) && isRunning(await showUnit(ask, unit))) return 'running';
    return (await awaitedExit(outputDir)) === undefined ? 'lost' : 'ended';
  }

  /** Undefined once it has fired; else why this attempt came to nothing. */
  async function attempt(outputDir: string, over: AbortSignal): Promise<string | undefined> {
    const fired = new AbortController();
    let failure: string | undefined;
    const isOpen = (): boolean => failure === undefined && !over.aborted;
    void runOnce(AbortSignal.any([over, fired.signal])).then((why) => {
      failure = why;
    });
    try {
      while (isOpen() && (await readFired(outputDir)) === undefined)
        await wait(firedEveryMs, over).catch(() => undefined);
    } finally {
      // Also where something else lies in the place of the claim: nobody looks at the unit any more.
      fired.abort();
    }
    // Asked once more: it may have fired in its last moment.
    if ((await readFired(outputDir)) !== undefined) return undefined;
    return failure ?? 'it is no longer waited for';
  }

  /** Has the unit started; resolves with why it does not run, or no longer. */
  async function runOnce(over: AbortSignal): Promise<string> {
    const { failed, words } = await ask(['start', unit], over);
    let ended = failed ? words : undefined;
    while (ended === undefined) {
      if (over.aborted) return 'it is no longer waited for';
      await wait(timing.showEveryMs, over).catch(() => undefined);
      const state = await showUnit(ask, unit);
      if (!isRunning(state)) ended = howItEnded(state);
    }
    return ended;
  }

  /** Undefined once it has fired; else why not, when there is no patience left. A start is safe to repeat: the claim fires once. */
  async function fireSomehow(
    outputDir: string,
    { signal = never, withdrawn = never, onFailure }: StartOptions,
  ): Promise<string | undefined> {
    const over = AbortSignal.any([signal, withdrawn]);
    const delays = backOff(timing);
    for (let waitedMs = 0; ; ) {
      const failure = await attempt(outputDir, over);
      signal.throwIfAborted();
      if (failure === undefined || withdrawn.aborted || waitedMs >= timing.patienceMs)
        return failure;
      onFailure?.(failure);
      const delayMs = delays.next().value;
      waitedMs += delayMs;
      await wait(delayMs, over).catch(() => undefined);
    }
  }

  // No file is asked: what the engine has put in their place, or taken away, keeps nothing running.
  async function stop(): Promise<void> {
    if (!isRunning(await showUnit(ask, unit))) return;
    const { failed, words } = await ask(['stop', '--no-block', unit]);
    if (!failed) return;
    throw new OnagerError('ENGINE_STOP_DENIED', `cannot stop ${unit}: ${words}`, {
      hint: 'is the polkit rule of the onager package in place, and polkit running?',
    });
  }

  return {
    status,
    async start(planPath, options = {}) {
      const outputDir = dirname(planPath);
      if ((await readFired(outputDir)) !== undefined) return 'fired';
      if (isWithdrawn(outputDir)) throw givenUp(planPath);
      await pointTo(planLink, planPath);
      const failure = await fireSomehow(outputDir, options);
      if (failure === undefined || !(await withdraw(outputDir))) return 'fired';
      void ask(['stop', '--no-block', unit]);
      if (options.withdrawn?.aborted === true) return 'withdrawn';
      throw hostFailed(unit, failure);
    },
    stop,
    // The unit's TimeoutStopSec kills what does not follow, and systemd wakes what is frozen.
    kill: stop,
    async reap(outputDir, more = '') {
      const fired = await readFired(outputDir);
      if (fired === undefined || (await status(outputDir)) !== 'lost') return;
      // The unit is gone, and with it all that it has started.
      const state = isThisBoot(fired) ? await showUnit(ask, unit) : undefined;
      await writeLost(outputDir, fired, more, state === undefined ? '' : howItEnded(state));
    },
  };
}

async function pointTo(link: string, target: string): Promise<void> {
  const draft = `${link}.${randomBytes(6).toString('hex')}.tmp`;
  await symlink(target, draft);
  await rename(draft, link);
}

function hostFailed(unit: string, words: string): OnagerError {
  return new OnagerError('ENGINE_HOST_FAILED', `${unit} did not fire: ${words}`, {
    hint: `its last words: journalctl -u ${unit}`,
  });
}
