/** The engine's first process: starts it, and reports when and how it ends. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { wait } from '../../retry.ts';
import type { Plan } from '../engine.ts';
import { writeEngineProcess } from '../handover/process-file.ts';
import { identify, markerName, sendSignal } from '../processes.ts';
import { keepBounded } from './bounded-log.ts';

type ProcessEnd = Readonly<{ exitCode?: number; signal?: string }>;

export type StartedEngine = Readonly<{
  pid: number;
  /** When the first process has ended; its descendants may live on. */
  ended: Promise<ProcessEnd>;
  /** To the first process alone; false where it has ended. */
  sendSignal(signal: NodeJS.Signals): boolean;
  /** Stops recording the engine's output; resolves once all of it is on disk. */
  closeLogs(): Promise<void>;
}>;

const maxLogBytes = 16 * 1024 ** 2;
const silentMs = 1_000;
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Throws the operating system's error where the program cannot be started. */
export async function startEngine({
  plan,
  outputDir,
  marker,
}: {
  plan: Plan;
  outputDir: string;
  marker: string;
}): Promise<StartedEngine> {
  const [program, ...args] = plan.argv;
  // `exit` marks its end, not `close`: a daemon may hold the pipes open for ever.
  const child = spawn(program, args, {
    cwd: plan.cwd,
    env: { PATH: path, HOME: outputDir, LANG: 'C.UTF-8', ...plan.env, [markerName]: marker },
    // A session of its own: a signal to its group reaches all of it, one to our group does not.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let hasEnded = false;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (exitCode, signal) => {
      hasEnded = true;
      resolve(processEnd(exitCode, signal));
    });
  });
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('it has no pid');
  const logs = Promise.all([
    keepBounded(child.stdout, join(outputDir, 'stdout.log'), maxLogBytes),
    keepBounded(child.stderr, join(outputDir, 'stderr.log'), maxLogBytes),
  ]);
  const identity = identify(pid);
  if (identity !== undefined) {
    const startedAt = new Date().toISOString();
    await writeEngineProcess(outputDir, { ...identity, pgid: pid, startedAt });
  }
  return {
    pid,
    ended,
    sendSignal: (signal) => !hasEnded && sendSignal(pid, signal),
    async closeLogs() {
      const closed = new AbortController();
      for (const pipe of [child.stdout, child.stderr]) void closeWhenSilent(pipe, closed.signal);
      await logs;
      closed.abort();
    },
  };
}

/**
 * Gives up a pipe that a daemon keeps open for ever. Its content is read first, even if this
 * process was frozen meanwhile.
 */
async function closeWhenSilent(pipe: Readable, signal: AbortSignal): Promise<void> {
  try {
    do {
      await wait(silentMs, signal);
      await turn();
    } while (pipe.readableLength > 0);
    pipe.destroy();
  } catch {
    // It has ended.
  }
}

function processEnd(exitCode: number | null, signal: string | null): ProcessEnd {
  return {
    ...(exitCode === null ? {} : { exitCode }),
    ...(signal === null ? {} : { signal }),
  };
}
