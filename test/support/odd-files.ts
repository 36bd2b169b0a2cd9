/** What a program can put where somebody else is going to read a file. */

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export const secret = 'SECRET of the agent';

type Put = (path: string, secretPath: string) => Promise<void>;

/** By the name that each has in a refusal. */
export const oddKinds: Readonly<Record<string, Put>> = {
  'a pipe': async (path) => void execFileSync('mkfifo', [path]),
  'a link': async (path, secretPath) => await symlink(secretPath, path),
  'a link (loop)': async (path) => await symlink(path, path),
  'a link (to nothing)': async (path) => await symlink('/nonexistent', path),
  'a link (to a pipe)': async (path) => {
    execFileSync('mkfifo', [`${path}.tmp`]);
    await symlink(`${path}.tmp`, path);
  },
  'a folder': async (path) => void (await mkdir(path)),
  'a socket': async (path) => {
    // The path may be too long for a socket, so the socket is made elsewhere.
    const draft = join('/tmp', `onager-odd-${process.pid}.sock`);
    const server = createServer().listen(draft);
    await once(server, 'listening');
    await rename(draft, path);
    server.close();
  },
  'a hard link': async (path, secretPath) => await link(secretPath, path),
  'a hole': async (path) => {
    await using file = await open(path, 'w');
    await file.truncate(10 * 1024 ** 3);
  },
};

/** Only root can make devices. */
export const isRoot = process.getuid?.() === 0;
const zeros: Put = async (path) => void execFileSync('mknod', [path, 'c', '1', '5']);
export const allOddKinds: Readonly<Record<string, Put>> = isRoot
  ? { ...oddKinds, 'a device': zeros }
  : oddKinds;

/** Replaces whatever is there. */
export async function putOdd(kind: string, path: string, secretPath: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await allOddKinds[kind]?.(path, secretPath);
}

/** The words that refuse such a thing. */
export function wordsOf(kind: string): string {
  return kind.replace(/ \(.*/, '');
}
