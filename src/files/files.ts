/**
 * Files that others read: written whole, or claimed by exactly one writer; and small questions
 * about files and disks.
 */

import { randomBytes } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode } from '../errors.ts';

/**
 * Replaces the file as a whole: a reader, or a power cut, sees the old bytes or the new ones, never
 * a mixture.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  { mode = 0o640 }: { mode?: number } = {},
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(draft, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    // On a broken disk this fails too, and the first error says why.
    await rm(draft, { force: true }).catch(() => {});
    // A write error does not name its file.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
  await syncFolder(dirname(path));
}

/**
 * Creates the file unless it exists: true for the one caller that did, false for all others,
 * forever. The claim appears whole: whoever sees it, even after a power cut, can read its content.
 */
export async function claim(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeWhole(draft, content);
    await link(draft, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(path));
  return true;
}

/**
 * Whether anything is there: a file, a folder, or a link that leads nowhere. Trying to read a
 * missing file takes far longer, and an engine needs the processor.
 */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The file's text, or undefined where the file is missing. */
export async function readIfThere(path: string): Promise<string | undefined> {
  if (!isThere(path)) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Creates the folder and the missing ones above it. On a read-only disk Node's own recursion
 * reports ENOENT instead.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const above = dirname(path);
    if (!hasCode(error, 'ENOENT') || above === path) throw error;
    await makeFolder(above);
    await mkdir(path);
  }
}

/** How much is free for this user on the disk that the folder is on. */
export async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Makes creations and renames in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
