/**
 * Runs the real agent as a child process and restarts it whenever it dies, as systemd does on an
 * instance. Agent and engine end when this process does.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskFaultAt } from '../disk-fault.ts';
import { errorCodes, messageOf, OnagerError } from '../errors.ts';
import { readUntrustedEnd } from '../files/untrusted-text.ts';
import { wait } from '../retry.ts';

export type AgentProcess = Readonly<{
  /** Rejects if the agent does not stay up; otherwise resolves after `stop`. */
  done: Promise<void>;
  pid(): number | undefined;
  /** Ends the agent and, if it still runs, the engine. */
  stop(): Promise<void>;
}>;

type AgentProcessOptions = Readonly<{
  /** Gets `--tied`. */
  command: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
  /** Gets the agent's standard output and error. */
  logPath: string;
  /** Whether the current agent has reached a phase and reports it. */
  isUp(signal: AbortSignal): Promise<boolean>;
  /** An agent that lived shorter than this did not stay up. */
  shortLifeMs?: number;
}>;

const restartAfterMs = 200;
const lookEveryMs = 250;
/** After this many crashes in a row at or right after the start, it gives up. */
const maxCrashes = 3;
/** The agent only has to pass the request on to the engine's supervisor. */
const stopLimitMs = 60_000;

export function startAgentProcess(options: AgentProcessOptions): AgentProcess {
  const { logPath, shortLifeMs = 2_000 } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let child: ChildProcess | undefined;

  /** True: it crashed before it was up, or right after. */
  async function live(log: FileHandle): Promise<boolean> {
    const startedMs = performance.now();
    child = spawnAgent(options, log.fd);
    const died = new AbortController();
    const cameUp = waitUntilUp(options, AbortSignal.any([signal, died.signal]));
    try {
      await once(child, 'exit');
    } catch (error) {
      throw failed(`the agent cannot be started: ${messageOf(error)}`, logPath);
    } finally {
      died.abort();
    }
    if (child.exitCode === errorCodes.PORT_TAKEN.exit) throw refused(logPath);
    const isShort = performance.now() - startedMs < shortLifeMs;
    return isCrash(child) && (isShort || !(await cameUp));
  }

  async function keepUp(): Promise<void> {
    const log = await open(logPath, 'a');
    try {
      for (let crashes = 0; crashes < maxCrashes; ) {
        crashes = (await live(log)) ? crashes + 1 : 0;
        await wait(restartAfterMs, signal).catch(() => {});
        if (signal.aborted) return;
      }
    } finally {
      await log.close();
    }
    const disk = await diskFaultAt(dirname(logPath));
    if (disk === undefined) {
      throw failed(`the agent crashed ${maxCrashes} times right after its start`, logPath);
    }
    const message = `the agent cannot work: ${disk.message}`;
    throw new OnagerError(disk.code, message, { hint: disk.hint });
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

/**
 * In a process group of its own: Ctrl-C on the terminal is for the rehearsal, which then asks the
 * agent to end the load.
 */
function spawnAgent({ command, env }: AgentProcessOptions, fd: number): ChildProcess {
  const [file, ...args] = command;
  const child = spawn(file, [...args, '--tied'], {
    env: { ...env },
    stdio: ['pipe', fd, fd],
    detached: true,
  });
  child.stdin?.on('error', () => {});
  return child;
}

/** False: it did not come up before the signal was aborted. */
async function waitUntilUp({ isUp }: AgentProcessOptions, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await isUp(signal)) return true;
    await wait(lookEveryMs, signal).catch(() => {});
  }
  return false;
}

/** Signals by which a process ends because of itself; one that was killed has not failed. */
const ownSignals: readonly unknown[] = [
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGTRAP',
];

function isCrash({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || ownSignals.includes(signalCode);
}

/** The next agent would get the same command line. Of that, the user chooses the port. */
function refused(logPath: string): OnagerError {
  const said = readUntrustedEnd(logPath, 4_096);
  const [, message, hint] = /^PORT_TAKEN: (.*)\n {2}(.*)$/m.exec(said) ?? [];
  if (message === undefined || hint === undefined) {
    return failed('the agent refused its command line', logPath);
  }
  return new OnagerError('PORT_TAKEN', message, { hint });
}

function failed(message: string, logPath: string): OnagerError {
  return new OnagerError('AGENT_FAILED', message, { hint: `its last output is in ${logPath}` });
}
