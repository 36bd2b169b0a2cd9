/** The agent's hold on an engine's host process: may be lost at any moment, and is taken again from the disk. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OnagerError } from '../../errors.ts';
import { appendFlags } from '../../files/untrusted-file.ts';
import { readUntrustedEnd } from '../../files/untrusted-text.ts';
import { wait } from '../../retry.ts';
import type { Exit } from '../engine.ts';
import { awaitedExit, writeFirstExit } from '../handover/exit-file.ts';
import { createFiredReader, type Fired, readEngineProcess } from '../handover/process-file.ts';
import { isWithdrawn, withdraw } from '../handover/withdrawal.ts';
import { endAll, hostsOf, isAlive, sendSignal } from '../processes.ts';

/** `lost`: fired, but its host process is gone and has not said how the engine ended. */
export type EngineStatus = 'not-fired' | 'running' | 'ended' | 'lost';

export type Launcher = Readonly<{
  status(outputDir: string): Promise<EngineStatus>;
  /**
   * Fires the plan unless that has been done, however long that takes. `withdrawn`: asked for that, and nothing will fire
   * it any more. Throws `ENGINE_HOST_FAILED`, where the same is true.
   */
  start(planPath: string, options?: StartOptions): Promise<'fired' | 'withdrawn'>;
  /** Asks for an early end and does not wait for it; does nothing where nothing runs. Throws `ENGINE_STOP_DENIED`. */
  stop(outputDir: string): Promise<void>;
  /** Ends a host that does not listen, and does not wait for it: then it is lost. Throws `ENGINE_STOP_DENIED`. */
  kill(outputDir: string): Promise<void>;
  /** Ends what a lost host has left running, and writes its exit. Does nothing unless it is lost. `more`: what else is known of its end. */
  reap(outputDir: string, more?: string): Promise<void>;
}>;

export type StartOptions = Readonly<{
  /** Aborted: no longer waits, and throws; what is on its way to fire may still do so. */
  signal?: AbortSignal;
  /** Aborted: the plan is taken back, unless it is too late for that. */
  withdrawn?: AbortSignal;
  /** Told why the last attempt failed, before the next. */
  onFailure?(why: string): void;
}>;

export type LauncherOptions = Readonly<{
  /** What runs a plan when the plan's path is appended, such as `[node, cli.ts, 'engine']`. */
  command: readonly [string, ...string[]];
  env: Readonly<Record<string, string | undefined>>;
}>;

/** How often one looks whether a host has fired. */
export const firedEveryMs = 20;

const planFile = 'plan.json';

export function createLauncher(options: LauncherOptions): Launcher {
  const readFired = createFiredReader();
  const status = async (outputDir: string): Promise<EngineStatus> =>
    await engineStatus(outputDir, await readFired(outputDir));
  return {
    status,
    async start(planPath, startOptions = {}) {
      const outputDir = dirname(planPath);
      if ((await readFired(outputDir)) !== undefined) return 'fired';
      if (isWithdrawn(outputDir)) throw givenUp(planPath);
      return await startHost(options, readFired, planPath, startOptions);
    },
    async stop(outputDir) {
      const fired = await readFired(outputDir).catch(() => undefined);
      if (fired !== undefined) return signalHost(fired, 'SIGTERM');
      // What the engine has put in the place of the claim, or taken away, keeps nothing running.
      for (const pid of hostsOf(join(outputDir, planFile))) sendSignal(pid, 'SIGTERM');
    },
    kill: async (outputDir) => signalHost(await readFired(outputDir), 'SIGKILL'),
    async reap(outputDir, more = '') {
      const fired = await readFired(outputDir);
      if (fired === undefined || (await status(outputDir)) !== 'lost') return;
      await endLost(outputDir, fired, more);
    },
  };
}

function signalHost(fired: Fired | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (fired === undefined || !isAlive(fired) || sendSignal(fired.pid, signal)) return;
  if (!isAlive(fired)) return;
  throw new OnagerError('ENGINE_STOP_DENIED', `cannot signal process ${fired.pid}`, {
    hint: 'it runs as another user; whoever started it must stop it',
  });
}

async function engineStatus(outputDir: string, fired: Fired | undefined): Promise<EngineStatus> {
  if (fired === undefined) return 'not-fired';
  // The process decides: the engine can write an exit.json as well as its host. Asked first, for
  // one that ends between the two questions has written its exit by then.
  if (isAlive(fired)) return 'running';
  return (await awaitedExit(outputDir)) === undefined ? 'lost' : 'ended';
}

async function startHost(
  { command, env }: LauncherOptions,
  readFired: ReturnType<typeof createFiredReader>,
  planPath: string,
  { signal, withdrawn }: StartOptions,
): Promise<'fired' | 'withdrawn'> {
  const outputDir = dirname(planPath);
  const logPath = join(outputDir, 'host.log');
  const [program, ...args] = command;
  const log = await open(logPath, appendFlags, 0o640);
  // A session of its own and a file to speak to, so that it outlives whoever started it.
  const host = spawn(program, [...args, planPath], {
    env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  // Whoever is told to end while he waits does not wait for it to end as well.
  host.unref();
  const gone = new AbortController();
  const end = once(host, 'exit').then(
    ([code, killer]) => `ended with ${killer ?? `exit code ${code}`}`,
    (error: unknown) => String(error),
  );
  void end.then((how) => gone.abort(how));
  await log.close();
  const hasFired = async (): Promise<boolean> => {
    try {
      return (await readFired(outputDir)) !== undefined;
    } catch (error) {
      // Its engine has put something else there already: nothing that this run could be told by.
      host.kill('SIGTERM');
      throw error;
    }
  };
  while (!(await hasFired()) && !gone.signal.aborted) {
    signal?.throwIfAborted();
    if (withdrawn?.aborted === true && (await withdraw(outputDir))) {
      host.kill('SIGKILL');
      return 'withdrawn';
    }
    await wait(firedEveryMs, gone.signal).catch(() => undefined);
  }
  // Asked once more: it may have fired in its last moment, or another host may have.
  if (await hasFired()) return 'fired';
  throw new OnagerError('ENGINE_HOST_FAILED', `the engine's host process ${await end}`, {
    hint: `its last words: ${readUntrustedEnd(logPath, 2_000).trim() || '(none)'}`,
  });
}

/** Of a plan that an agent took back which could not say so any more. */
export function givenUp(planPath: string): OnagerError {
  return new OnagerError('ENGINE_HOST_FAILED', `the plan was taken back: ${planPath}`, {
    hint: 'an earlier agent waited for the engine to start and gave up; agent.log says why',
  });
}

async function endLost(outputDir: string, fired: Fired, more: string): Promise<void> {
  const engine = await readEngineProcess(outputDir).catch(() => undefined);
  // It may have died between fork and exec: only after exec does its child carry the marker.
  const planPath = join(outputDir, planFile);
  // The session's number is only ours while its leader is: the marker finds the rest.
  const session = engine !== undefined && isAlive(engine) ? { session: engine.pid } : {};
  const survivors = await endAll(
    { marker: fired.marker, planPath, ...session },
    { graceMs: 2_000 },
  );
  const left = survivors.length === 0 ? '' : `could not kill ${survivors.join(', ')}`;
  await writeLost(outputDir, fired, more, left);
}

/** Writes the exit of a host process that can no longer do so, unless there is one. `more`: what else is known of its end. */
export async function writeLost(
  outputDir: string,
  fired: Fired,
  ...more: readonly string[]
): Promise<void> {
  await writeFirstExit(outputDir, await lostExit(outputDir, fired, ...more));
}

/** What there is to say of a host process that has not said how the engine ended. */
export async function lostExit(
  outputDir: string,
  fired: Fired,
  ...more: readonly string[]
): Promise<Exit> {
  const detail = `the engine's host process ${fired.pid} ended without a word`;
  return {
    startedAt: fired.firedAt,
    endedAt: (await lastSign(outputDir, fired)).toISOString(),
    reason: 'lost',
    detail: [detail, ...more].filter(Boolean).join('; '),
  };
}

/** The host writes a line a second: the last is the nearest thing to the time of its death. */
async function lastSign(outputDir: string, fired: Fired): Promise<Date> {
  try {
    return (await lstat(join(outputDir, 'generator.ndjson'))).mtime;
  } catch {
    return new Date(fired.firedAt);
  }
}
