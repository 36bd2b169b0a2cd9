/** Finds the folder that Tsung made for one run: `<output>/tsung/<YYYYMMDD-HHMM>/`. */

import { open, readdir } from 'node:fs/promises';
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

/** What the controller logged first and last: each user that crashes takes some kilobytes. Empty where it logged nothing. */
export async function readControllerLog(folder: string): Promise<string> {
  const name = (await list(folder)).find((file) => /^tsung_controller.*\.log$/.test(file));
  if (name === undefined) return '';
  const path = join(folder, name);
  const [first, last] = [await readEnd(path, 'first'), await readEnd(path, 'last')];
  return first === last ? first : `${first}\n${last}`;
}

/** Holds a whole block of statistics, however many names there are. */
const endBytes = 1024 * 1024;

/** The beginning or the end of a file; empty where there is no file. */
export async function readEnd(path: string, end: 'first' | 'last'): Promise<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const start = end === 'first' ? 0 : Math.max(0, size - endBytes);
    const buffer = new Uint8Array(Math.min(size, endBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

async function list(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
