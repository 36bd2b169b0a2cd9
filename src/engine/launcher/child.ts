/** The launcher without systemd: the supervisor is a child process that outlives the agent. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OnagerError } from '../../errors.ts';
import { appendFlags } from '../../files/untrusted-file.ts';
import { readUntrustedEnd } from '../../files/untrusted-text.ts';
import { wait } from '../../retry.ts';
import { planFile } from '../handover/plan-file.ts';
import {
  createFiredReader,
  type Fired,
  type FiredReader,
  readEngineProcess,
} from '../handover/process-file.ts';
import { withdraw } from '../handover/withdrawal.ts';
import { endAll, isAlive, sendSignal, supervisorsOf } from '../processes.ts';
import { firedEveryMs, type Launcher, launcherBy, type StartOptions } from './launcher.ts';

type LauncherOptions = Readonly<{
  /** Runs a plan, with the plan's path appended, such as `[node, cli.ts, 'engine']`. */
  command: readonly [string, ...string[]];
  env: Readonly<Record<string, string | undefined>>;
}>;

export function createLauncher(options: LauncherOptions): Launcher {
  const readFired = createFiredReader();
  return launcherBy(
    {
      isRunning: async (fired) => isAlive(fired),
      fire: async (planPath, startOptions) =>
        await startSupervisor(options, readFired, planPath, startOptions),
      async stop(outputDir) {
        const fired = await readFired(outputDir).catch(() => undefined);
        if (fired !== undefined) return signalSupervisor(fired, 'SIGTERM');
        // Whatever the engine has done to the claim, it cannot keep the load running.
        for (const pid of supervisorsOf(join(outputDir, planFile))) sendSignal(pid, 'SIGTERM');
      },
      kill: async (outputDir) => signalSupervisor(await readFired(outputDir), 'SIGKILL'),
      endLeftovers,
    },
    readFired,
  );
}

function signalSupervisor(fired: Fired | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (fired === undefined || !isAlive(fired) || sendSignal(fired.pid, signal)) return;
  if (!isAlive(fired)) return;
  throw new OnagerError('ENGINE_STOP_DENIED', `cannot signal process ${fired.pid}`, {
    hint: 'it runs as another user; whoever started it must stop it',
  });
}

async function startSupervisor(
  { command, env }: LauncherOptions,
  readFired: FiredReader,
  planPath: string,
  { signal, withdrawn }: StartOptions,
): Promise<'fired' | 'withdrawn'> {
  const outputDir = dirname(planPath);
  const logPath = join(outputDir, 'host.log');
  const [program, ...args] = command;
  const log = await open(logPath, appendFlags, 0o640);
  // A session of its own and a file for its output, so that it outlives the agent.
  const supervisor = spawn(program, [...args, planPath], {
    env,
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  // An agent that must end while it waits here does not also wait for the supervisor's end.
  supervisor.unref();
  const gone = new AbortController();
  const end = once(supervisor, 'exit').then(
    ([code, killer]) => `ended with ${killer ?? `exit code ${code}`}`,
    (error: unknown) => String(error),
  );
  void end.then((how) => gone.abort(how));
  await log.close();
  const hasFired = async (): Promise<boolean> => {
    try {
      return (await readFired(outputDir)) !== undefined;
    } catch (error) {
      // The engine has already put something else there, so the run's processes cannot be known.
      supervisor.kill('SIGTERM');
      throw error;
    }
  };
  while (!(await hasFired()) && !gone.signal.aborted) {
    signal?.throwIfAborted();
    if (withdrawn?.aborted === true && (await withdraw(outputDir))) {
      supervisor.kill('SIGKILL');
      return 'withdrawn';
    }
    await wait(firedEveryMs, gone.signal).catch(() => undefined);
  }
  // Checked once more: it may have fired in its last moment, or another supervisor may have.
  if (await hasFired()) return 'fired';
  throw new OnagerError('ENGINE_HOST_FAILED', `the engine's supervisor ${await end}`, {
    hint: `its last output: ${readUntrustedEnd(logPath, 2_000).trim() || '(none)'}`,
  });
}

async function endLeftovers(outputDir: string, fired: Fired): Promise<string> {
  const engine = await readEngineProcess(outputDir).catch(() => undefined);
  // It may have died between fork and exec: its child carries the marker only after exec.
  const planPath = join(outputDir, planFile);
  // The session's number is ours only while its leader lives: the marker finds the rest.
  const session = engine !== undefined && isAlive(engine) ? { session: engine.pid } : {};
  const survivors = await endAll(
    { marker: fired.marker, planPath, ...session },
    { graceMs: 2_000 },
  );
  return survivors.length === 0 ? '' : `could not kill ${survivors.join(', ')}`;
}
