/**
 * Runs a program that Tsung needs (xmllint, perl, Erlang) to its end, with nothing of our own
 * environment.
 */

import { execFile } from 'node:child_process';
import { hasCode, messageOf } from '../../../errors.ts';

const path = '/usr/local/bin:/usr/bin:/bin';

export type ToolRun = Readonly<{
  args: readonly string[];
  /** What the program reads on standard input. */
  input?: string;
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** Absent where the signal alone limits it. */
  timeoutMs?: number;
  /** It is killed if it says more. */
  maxBytes: number;
  signal: AbortSignal;
}>;

/**
 * `failure`: why it did not end with exit code 0, if it did not. `isKilled`: somebody ended it, we
 * ourselves or the kernel.
 */
export type ToolEnd = Readonly<{
  stderr: string;
  failure?: Readonly<{ reason: string; isMissing: boolean; isKilled: boolean }>;
}>;

/** Rejects with the signal's reason only. */
export async function runTool(program: string, run: ToolRun): Promise<ToolEnd> {
  const { args, input = '', cwd, env, timeoutMs, maxBytes, signal } = run;
  const end = await new Promise<ToolEnd>((resolve) => {
    const options = {
      ...(cwd === undefined ? {} : { cwd }),
      env: { PATH: path, LANG: 'C.UTF-8', ...env },
      encoding: 'utf8',
      maxBuffer: maxBytes,
      signal,
      timeout: timeoutMs ?? 0,
      killSignal: 'SIGKILL',
    } as const;
    const child = execFile(program, args, options, (error, _stdout, stderr) => {
      resolve(error === null ? { stderr } : { stderr, failure: failureOf(error, run) });
    });
    // A program that ends before it has read everything says so by its exit code.
    child.stdin?.on('error', () => undefined).end(input);
    // A machine without memory or processes to spare makes Node.js throw at once (ENOMEM, EPERM).
  }).catch((error: unknown) => ({
    stderr: '',
    failure: { reason: firstLine(messageOf(error)), isMissing: false, isKilled: false },
  }));
  signal.throwIfAborted();
  return end;
}

function failureOf(error: Error, { timeoutMs = 0 }: ToolRun): NonNullable<ToolEnd['failure']> {
  const isLate = 'killed' in error && error.killed === true && !('code' in error && error.code);
  const signal = 'signal' in error && typeof error.signal === 'string' ? error.signal : undefined;
  const ended = signal === undefined ? firstLine(error.message) : `it was ended by ${signal}`;
  return {
    reason: isLate ? `it did not end within ${timeoutMs / 1_000} s` : ended,
    isMissing: hasCode(error, 'ENOENT'),
    isKilled: isLate || signal !== undefined,
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.slice(0, 300) ?? '';
}
