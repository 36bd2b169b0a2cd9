/** Finds the folder that Tsung made for one run: `<output>/tsung/<YYYYMMDD-HHMM>/`. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../errors.ts';

export const logRoot = 'tsung';

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

/** What the controller logged; empty where it logged nothing. */
export async function readControllerLog(folder: string): Promise<string> {
  const name = (await list(folder)).find((file) => /^tsung_controller.*\.log$/.test(file));
  return name === undefined ? '' : await readFile(join(folder, name), 'utf8');
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
