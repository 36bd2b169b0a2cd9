/**
 * Commands that get Ctrl-C or `kill` end at once, quietly, and with the status that a shell
 * expects.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('signal');
});

type Started = Readonly<{ child: ChildProcess; said(): string; ended: Promise<number | null> }>;

function onager(...args: readonly string[]): Started {
  const child = spawn(join(root, 'node_modules/.bin/node'), [join(root, 'src/cli.ts'), ...args], {
    env: { ...process.env, TMPDIR: dir },
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  return { child, said: () => text, ended };
}

/** Waits until the process reads something below this path: its command is running then. */
async function reads({ child }: Started, path: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const folder = `/proc/${child.pid}/fd`;
      const names = await readdir(folder);
      const open = await Promise.all(names.map((fd) => readlink(join(folder, fd)).catch(() => '')));
      expect(open.some((name) => name.startsWith(path))).toBe(true);
    },
    { timeout: 20_000, interval: 1 },
  );
}

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const;

it.each(signals)('pack is ended by %s', async (signal, code) => {
  await writeFile(join(dir, 'a.bin'), randomBytes(200_000_000));
  const packing = onager('pack', dir, '-o', `${dir}.zip`);
  await reads(packing, dir);
  packing.child.kill(signal);
  expect(await packing.ended).toBe(code);
  expect(packing.said()).toBe(`ended by ${signal}\n`);
  expect(existsSync(`${dir}.zip`)).toBe(false);
});

it.each(signals)('check is ended by %s', async (signal, code) => {
  const checking = onager('check', '/dev/stdin');
  // It makes its folder before it reads anything.
  await vi.waitFor(async () => expect(await readdir(dir)).not.toEqual([]), 20_000);
  checking.child.kill(signal);
  expect(await checking.ended).toBe(code);
  expect(checking.said()).toBe(`ended by ${signal}\n`);
  expect(await readdir(dir)).toEqual([]);
});

it('check reads a pipe to its end, and one that never ends no further than it must', async () => {
  const idle = onager('check', '/dev/stdin');
  idle.child.stdin?.end('#cloud-config\n');
  expect(await idle.ended).toBe(0);
  expect(idle.said()).toContain('ok: no scenario');

  const endless = onager('check', '/dev/stdin');
  endless.child.stdin?.on('error', () => {});
  endless.child.stdin?.write(Buffer.alloc(1_000_000));
  expect(await endless.ended).toBe(65);
  expect(endless.said()).toContain('it has more than 16,384 bytes');
});
