/**
 * Finds the folder that Tsung made for one run, `<output>/tsung/<YYYYMMDD-HHMM>/`, and its dumps and
 * controller's log.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import { readUntrustedEnd, readUntrustedStart } from '../../untrusted-text.ts';

export const logRoot = 'tsung';

/** Holds a whole block of statistics, however many names there are. */
export const endBytes = 1024 ** 2;

/** The folder's absolute path; undefined before Tsung has made it. */
export async function findLogFolder(outputDir: string): Promise<string | undefined> {
  const names = await list(join(outputDir, logRoot));
  const newest = names
    .filter((name) => /^\d{8}-\d{4}$/.test(name))
    .sort()
    .at(-1);
  return newest === undefined ? undefined : join(outputDir, logRoot, newest);
}

/** The per-beam files of requests (`tsung-<vm>.dump`) in a log folder. */
export async function findDumps(folder: string): Promise<readonly string[]> {
  const names = await list(folder);
  return names.filter((name) => /^tsung-\d+\.dump$/.test(name)).sort();
}

/** What the controller logged first and last: each user that crashes takes some kilobytes. Empty where it logged nothing. */
export async function readControllerLog(folder: string): Promise<string> {
  const name = (await list(folder)).find((file) => /^tsung_controller.*\.log$/.test(file));
  if (name === undefined) return '';
  const path = join(folder, name);
  const [first, last] = [readUntrustedStart(path, endBytes), readUntrustedEnd(path, endBytes)];
  return first === last ? first : `${first}\n${last}`;
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    // Whatever is in its place: nothing of Tsung's is in there.
    if (notListed.some((code) => hasCode(error, code))) return [];
    throw error;
  }
}

const notListed = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'];
