/** The launcher on an instance: the engine's host process is a systemd unit, which runs as another user and outlives the agent. */

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rename, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OnagerError } from '../errors.ts';
import { wait } from '../retry.ts';
import { awaitedExit } from './exit-file.ts';
import { type EngineStatus, type Launcher, writeLost } from './launcher.ts';
import { createFiredReader } from './process-file.ts';
import { isThisBoot } from './processes.ts';

export type SystemdLauncherOptions = Readonly<{
  /** A unit that runs the plan behind `planLink`. */
  unit: string;
  planLink: string;
  systemctl?: string;
  /** How long the host process may take to fire. */
  startLimitMs?: number;
}>;

/** systemctl answers at once or not at all. */
const answerMs = 10_000;

export function createSystemdLauncher({
  unit,
  planLink,
  systemctl = 'systemctl',
  startLimitMs = 30_000,
}: SystemdLauncherOptions): Launcher {
  const ask = createAsk(systemctl);
  const readFired = createFiredReader();

  async function status(outputDir: string): Promise<EngineStatus> {
    const fired = await readFired(outputDir);
    if (fired === undefined) return 'not-fired';
    // Asked before the exit: a host that ends between the two questions has written it by then.
    const isUp = isThisBoot(fired) && isRunning(await showUnit(ask, unit));
    if ((await awaitedExit(outputDir)) !== undefined) return 'ended';
    return isUp ? 'running' : 'lost';
  }

  /** Undefined once it has fired; else why it will not. */
  async function untilOver(
    hasFired: () => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const deadlineMs = performance.now() + startLimitMs;
    while (!(await hasFired())) {
      const state = await showUnit(ask, unit);
      if (!isRunning(state)) return howItEnded(state);
      if (performance.now() > deadlineMs) return `nothing happened in ${startLimitMs / 1_000} s`;
      await wait(20, signal);
    }
    return undefined;
  }

  async function stop(outputDir: string): Promise<void> {
    // What the engine may have put in the place of the files between us does not keep it running.
    const fired = await readFired(outputDir).catch(() => 'by whom is not known');
    if (fired === undefined || !isRunning(await showUnit(ask, unit))) return;
    const { failed, words } = await ask(['stop', '--no-block', unit]);
    if (!failed) return;
    throw new OnagerError('ENGINE_STOP_DENIED', `cannot stop ${unit}: ${words}`, {
      hint: 'is the polkit rule of the onager package in place, and polkit running?',
    });
  }

  return {
    status,
    async start(planPath, signal = new AbortController().signal) {
      const outputDir = dirname(planPath);
      const hasFired = async (): Promise<boolean> => (await readFired(outputDir)) !== undefined;
      if (await hasFired()) return;
      await pointTo(planLink, planPath);
      const started = await ask(['start', unit]);
      const failure = started.failed ? started.words : await untilOver(hasFired, signal);
      if (failure === undefined) return;
      // Nothing fires after this, and what fired in the last moment has fired.
      await ask(['stop', unit]);
      if (!(await hasFired())) throw hostFailed(unit, failure);
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

type Answer = Readonly<{ failed: boolean; words: string; stdout: string }>;
type Ask = (args: readonly string[]) => Promise<Answer>;
type UnitState = Readonly<{ ActiveState: string; Result: string; ExecMainStatus: string }>;

function createAsk(systemctl: string): Ask {
  return (args) =>
    new Promise((resolve) => {
      const all = ['--no-ask-password', '--no-pager', ...args];
      execFile(systemctl, all, { timeout: answerMs }, (error, stdout, stderr) => {
        const words = stderr.trim() || (error?.message ?? '');
        resolve({ failed: error !== null, words, stdout });
      });
    });
}

/** Undefined where systemd does not answer: then nothing may be concluded. */
async function showUnit(ask: Ask, unit: string): Promise<UnitState | undefined> {
  const { failed, stdout } = await ask(['show', '-pActiveState,Result,ExecMainStatus', unit]);
  if (failed) return undefined;
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
  return {
    ActiveState: value('ActiveState'),
    Result: value('Result'),
    ExecMainStatus: value('ExecMainStatus'),
  };
}

function isRunning(state: UnitState | undefined): boolean {
  return state === undefined || !['inactive', 'failed', ''].includes(state.ActiveState);
}

function howItEnded(state: UnitState | undefined): string {
  if (state === undefined) return 'systemd does not answer';
  return `systemd says ${state.Result} (status ${state.ExecMainStatus})`;
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
