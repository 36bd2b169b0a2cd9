/** The folder that a rehearsal writes to. It never touches files that are not a rehearsal's. */

import { readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasCode, messageOf, OnagerError } from '../errors.ts';
import { freeBytesAt, makeFolder } from '../files/files.ts';
import { acquireLock } from '../lock.ts';
import { counted } from '../text.ts';

/** Marks the folder as a rehearsal's, so that the next one may replace it. */
const marker = '.onager-rehearsal';
const ours = /^(?:instance(?:-\d{1,3})?|agent(?:-\d{1,3})?\.log|\.?bucket)$/;
const leastFreeBytes = 64 * 1024 ** 2;

/** `empty`: removes what an earlier rehearsal left. */
type OutFolder = AsyncDisposable & Readonly<{ path: string; empty(): Promise<void> }>;

/**
 * Creates it, or takes that of an earlier rehearsal, and locks it until disposed.
 *
 * @throws OnagerError OUT_INVALID, OUT_NOT_EMPTY, OUT_BUSY, OUT_DISK_SPACE
 */
export async function openOutFolder(out: string): Promise<OutFolder> {
  const path = resolve(out);
  const names = await made(path);
  if (names.length > 0 && !names.includes(marker)) {
    throw new OnagerError('OUT_NOT_EMPTY', `${path} holds files that are not a rehearsal's`, {
      hint: 'give --out an empty folder, a new one, or that of an earlier rehearsal',
    });
  }
  const lock = await acquireLock(path, {
    code: 'OUT_BUSY',
    message: `another rehearsal is writing to ${path}`,
    hint: 'wait until it ends, or give another --out',
  });
  const free = await freeBytesAt(path);
  if (free < leastFreeBytes) {
    await lock[Symbol.asyncDispose]();
    throw new OnagerError(
      'OUT_DISK_SPACE',
      `there is room for only ${counted(free, 'byte')} at ${path}`,
      {
        hint: 'a rehearsal needs at least 64 MiB; give --out a folder on another disk',
      },
    );
  }
  await writeFile(
    join(path, marker),
    'a rehearsal wrote this folder; the next one may replace it\n',
  );
  return {
    path,
    async empty() {
      for (const name of await readdir(path))
        if (ours.test(name)) await rm(join(path, name), { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}

async function made(path: string): Promise<readonly string[]> {
  try {
    await makeFolder(path);
    return await readdir(path);
  } catch (error) {
    const known = ['EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'ENAMETOOLONG', 'ENOENT'];
    if (!known.some((code) => hasCode(error, code))) throw error;
    throw invalid(path, messageOf(error));
  }
}

function invalid(path: string, why: string): OnagerError {
  return new OnagerError('OUT_INVALID', `${path} cannot be written to: ${why}`, {
    hint: 'give --out a folder, or a path where one can be created',
  });
}
