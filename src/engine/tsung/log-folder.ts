/** Finds the folder that Tsung made for one run: `<output>/tsung/<YYYYMMDD-HHMM>/`. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';
import { readUntrustedEnd } from '../../untrusted-text.ts';

export const logRoot = 'tsung';

const maxControllerBytes = 16 * 1024 ** 2;

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

/** What the controller logged, or the end of it; empty where it logged nothing. */
export async function readControllerLog(folder: string): Promise<string> {
  const name = (await list(folder)).find((file) => /^tsung_controller.*\.log$/.test(file));
  return name === undefined ? '' : readUntrustedEnd(join(folder, name), maxControllerBytes);
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
