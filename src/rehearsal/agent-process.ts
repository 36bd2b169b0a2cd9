/** Runs the real agent as a child process and starts it again whenever it dies, as systemd does on an instance; it ends, and its engine with it, when this process does. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskFaultAt } from '../disk-fault.ts';
import { OnagerError } from '../errors.ts';
import { wait } from '../retry.ts';

export type AgentProcess = Readonly<{
  /** Rejects when the agent cannot be kept up; else resolves after `stop`. */
  done: Promise<void>;
  pid(): number | undefined;
  /** Ends the agent and, if it still runs, the engine. */
  stop(): Promise<void>;
}>;

const restartAfterMs = 200;
/** An agent that lived shorter than this did not come up; after so many in a row there is no hope. */
const shortLifeMs = 2_000;
const maxShortLives = 3;
/** The agent only has to pass the word on to the engine's host. */
const stopLimitMs = 60_000;

/** `command` gets `--tied`; `logPath` the agent's standard output and error. */
export function startAgentProcess({
  command,
  env,
  logPath,
}: {
  command: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
  logPath: string;
}): AgentProcess {
  const [file, ...args] = command;
  const stopping = new AbortController();
  let child: ChildProcess | undefined;

  // Its own process group: Ctrl-C on the terminal is for the rehearsal, which then asks the agent to end the load.
  function start(fd: number): ChildProcess {
    return spawn(file, [...args, '--tied'], {
      env: { ...env },
      stdio: ['pipe', fd, fd],
      detached: true,
    });
  }

  async function keepUp(): Promise<void> {
    const log = await open(logPath, 'a');
    try {
      for (let shortLives = 0; shortLives < maxShortLives; ) {
        const startedMs = performance.now();
        child = start(log.fd);
        child.stdin?.on('error', () => {});
        await once(child, 'exit');
        if (stopping.signal.aborted) return;
        const short = isCrash(child) && performance.now() - startedMs < shortLifeMs;
        shortLives = short ? shortLives + 1 : 0;
        await wait(restartAfterMs, stopping.signal).catch(() => {});
        if (stopping.signal.aborted) return;
      }
    } finally {
      await log.close();
    }
    const disk = await diskFaultAt(dirname(logPath));
    if (disk !== undefined) {
      const message = `the agent cannot work: ${disk.message}`;
      throw new OnagerError(disk.code, message, { hint: disk.hint });
    }
    throw new OnagerError(
      'AGENT_FAILED',
      `the agent ended ${maxShortLives} times right after its start`,
      {
        hint: `its last words are in ${logPath}`,
      },
    );
  }

  const done = keepUp();
  return {
    done,
    pid: () => child?.pid,
    async stop() {
      stopping.abort();
      child?.stdin?.end();
      const late = setTimeout(() => child?.kill('SIGKILL'), stopLimitMs);
      await done.catch(() => {});
      clearTimeout(late);
    },
  };
}

// One that was killed has not failed.
function isCrash({ exitCode }: ChildProcess): boolean {
  return exitCode !== null;
}
