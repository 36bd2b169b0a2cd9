/**
 * Runs a helper program to its end, with limits and without our own environment. Rejects only when
 * its signal aborts.
 */

import { type ChildProcess, type ExecFileException, execFile } from 'node:child_process';
import type { Readable } from 'node:stream';
import { messageOf } from './errors.ts';
import { waitAwake } from './retry.ts';

/** What helper programs are looked for in, where their caller names nothing else. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const defaultMaxBytes = 1024 ** 2;

/** How long the outputs of a program that has ended may stay open. */
const openMs = 1_000;

export type Execution = Readonly<{
  args: readonly string[];
  /** What the program reads on standard input, if need be later; nothing by default. */
  input?: string | Promise<string>;
  cwd?: string;
  /** All of its environment beside `PATH` and `LANG`, which it may replace. */
  env?: Readonly<Record<string, string | undefined>>;
  /** It is killed if it takes longer; absent where the signal alone limits it. */
  timeoutMs?: number;
  /** It is killed if it writes more to one of its two outputs; 1 MiB by default. */
  maxBytes?: number;
  /** Aborted: it is killed, and `exec` rejects with the signal's reason. */
  signal?: AbortSignal;
}>;

/**
 * How a program ended. `ok`: by itself, with exit code 0. `words`: why not, in a line of at most
 * 300 characters; empty where it did. `isMissing`: there is no such program. `isKilled`: somebody
 * ended it, we ourselves or the kernel.
 */
export type ExecResult = Readonly<{
  ok: boolean;
  stdout: string;
  stderr: string;
  words: string;
  isMissing: boolean;
  isKilled: boolean;
}>;

/**
 * For programs that the start of the engine waits for: loading execa takes 20 to 50 ms. What such a
 * program has started is not killed with it.
 */
export async function execAtStart(program: string, execution: Execution): Promise<ExecResult> {
  const { args, input = '', cwd, env, timeoutMs, maxBytes = defaultMaxBytes, signal } = execution;
  signal?.throwIfAborted();
  const over = new AbortController();
  const options = {
    ...(cwd === undefined ? {} : { cwd }),
    env: environmentOf(env),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
    maxBuffer: maxBytes,
    killSignal: 'SIGKILL' as const,
  };
  const { error, stdout, stderr } = await new Promise<FileEnd>((resolve) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ error, stdout, stderr });
    });
    const { stdin } = child;
    stdin?.on('error', () => undefined);
    Promise.resolve(input).then(
      (text) => stdin?.end(text),
      () => child.kill('SIGKILL'),
    );
    child.once('exit', () => {
      const giveUp = (): void => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      };
      waitAwake(openMs, over.signal).then(giveUp, () => undefined);
    });
  }).catch((error: ExecFileException) => ({ error, stdout: '', stderr: '' }));
  over.abort();
  signal?.throwIfAborted();
  const end = endOfFile(error);
  return {
    ok: error === null,
    stdout,
    stderr,
    words: error === null ? '' : wordsOf(end, execution),
    isMissing: end.code === 'ENOENT',
    isKilled: end.timedOut || end.isMaxBuffer || end.signal !== undefined,
  };
}

type FileEnd = Readonly<{ error: ExecFileException | null; stdout: string; stderr: string }>;

function endOfFile(error: ExecFileException | null): End {
  const code = error?.code;
  const isMaxBuffer = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof code === 'number' ? { exitCode: code } : {}),
    isMaxBuffer,
    originalMessage: error?.message,
    signal: error?.signal ?? undefined,
    timedOut: error?.killed === true && !isMaxBuffer,
  };
}

function environmentOf(env: Execution['env']): Readonly<Record<string, string | undefined>> {
  return { PATH: defaultPath, LANG: 'C.UTF-8', ...env };
}

export async function exec(program: string, execution: Execution): Promise<ExecResult> {
  const { args, input = '', cwd, env, timeoutMs, maxBytes = defaultMaxBytes, signal } = execution;
  signal?.throwIfAborted();
  const [{ execa }, text] = await Promise.all([import('execa'), input]);
  const start = () =>
    execa(program, args, {
      input: text,
      ...(cwd === undefined ? {} : { cwd }),
      env: environmentOf(env),
      extendEnv: false,
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
      ...(signal === undefined ? {} : { cancelSignal: signal }),
      maxBuffer: maxBytes,
      killSignal: 'SIGKILL',
      killDescendants: true,
      stripFinalNewline: false,
      reject: false,
    });
  // Arguments or a machine without memory or processes to spare make Node.js throw at once.
  const { failed, stdout, stderr, ...end } = await endOf(start).catch((error: unknown) => ({
    ...notStarted,
    originalMessage: messageOf(error),
  }));
  signal?.throwIfAborted();
  return {
    ok: !failed,
    stdout: stdout ?? '',
    stderr: stderr ?? '',
    words: failed ? wordsOf(end, execution) : '',
    isMissing: end.code === 'ENOENT',
    isKilled: end.timedOut || end.isMaxBuffer || end.signal !== undefined,
  };
}

type Started = Readonly<{
  nodeChildProcess: ChildProcess;
  stdout: Readable;
  stderr: Readable;
  kill(): boolean;
}>;

/**
 * Waits for the program, and not for what it has started, which may hold the outputs open for ever.
 * That is killed, except for a daemon, which has left the process group: nobody listens to it.
 */
async function endOf<T>(start: () => Started & PromiseLike<T>): Promise<T> {
  const started = start();
  const { nodeChildProcess, stdout, stderr } = started;
  const over = new AbortController();
  const giveUp = (): void => {
    for (const output of [stdout, stderr]) if (!output.readableEnded) output.push(null);
  };
  nodeChildProcess.once('exit', () => {
    started.kill();
    // A process that stood still has not read yet what is there to read.
    waitAwake(openMs, over.signal).then(giveUp, () => undefined);
  });
  try {
    return await started;
  } finally {
    over.abort();
    stdout.destroy();
    stderr.destroy();
  }
}

type End = Readonly<{
  code?: string | undefined;
  exitCode?: number | undefined;
  isMaxBuffer: boolean;
  originalMessage?: string | undefined;
  signal?: string | undefined;
  timedOut: boolean;
}>;

const notStarted = {
  failed: true,
  stdout: '',
  stderr: '',
  code: undefined,
  exitCode: undefined,
  isMaxBuffer: false,
  signal: undefined,
  timedOut: false,
};

function wordsOf(end: End, { timeoutMs = 0, maxBytes = defaultMaxBytes }: Execution): string {
  if (end.timedOut) return `it did not end within ${timeoutMs / 1_000} s`;
  if (end.isMaxBuffer) return `it wrote more than ${maxBytes} bytes`;
  if (end.signal !== undefined) return `it was ended by ${end.signal}`;
  if (end.exitCode !== undefined) return `it ended with exit code ${end.exitCode}`;
  return end.originalMessage?.split('\n')[0]?.slice(0, 300) ?? 'it could not be started';
}
