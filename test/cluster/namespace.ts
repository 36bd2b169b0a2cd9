/** A machine's own network: a namespace that a process holds, with programs inside of it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { execa } from 'execa';

export type Namespace = AsyncDisposable &
  Readonly<{
    holder: number;
    /** Put before a command, it runs inside. */
    enter: readonly [string, ...string[]];
    /** Runs lines of shell inside; rejects if one fails. */
    sh(script: string): Promise<string>;
    /** Every process inside but the holder. */
    processes(): Promise<readonly number[]>;
  }>;

export async function createNamespace(): Promise<Namespace> {
  // It ends when this process does.
  const holder = spawn(
    'unshare',
    ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec cat'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  await once(holder.stdout, 'data');
  const pid = pidOf(holder);
  const enter = ['nsenter', `--net=/proc/${pid}/ns/net`, '--'] as const;
  return {
    holder: pid,
    enter,
    sh: (script) => sh(enter, script),
    processes: async () => (await processesLike(pid)).filter((one) => one !== pid),
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      if (holder.exitCode === null) await once(holder, 'exit');
    },
  };
}

/** In the namespace of the tests themselves. */
export async function shOutside(script: string): Promise<string> {
  return await sh([], script);
}

async function sh(enter: readonly string[], script: string): Promise<string> {
  const [file = 'sh', ...args] = [...enter, 'sh', '-euc', script];
  return (await execa(file, args)).stdout;
}

async function processesLike(pid: number): Promise<readonly number[]> {
  const network = (of: string): Promise<string> =>
    readlink(`/proc/${of}/ns/net`).catch(() => 'none');
  const own = await network(`${pid}`);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (each) => (await network(each)) === own));
  return pids.filter((_, index) => found[index]).map(Number);
}

export function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('a process was not started');
  return pid;
}
