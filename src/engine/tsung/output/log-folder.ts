/**
 * Finds the folder that Tsung made for one run, `<output>/tsung/<YYYYMMDD-HHMM>/`, and the
 * controller's log in it.
 */

import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../../errors.ts';
import { readUntrustedEnd, readUntrustedStart } from '../../../files/untrusted-text.ts';

export const logRoot = 'tsung';
/** What was measured, second by second: see records.ts. */
export const recordsFile = 'onager.records';

/** Large enough for a whole block of statistics, however many names there are. */
export const endBytes = 1024 ** 2;

/** The folder's absolute path; undefined before Tsung has made it. */
export async function findLogFolder(outputDir: string): Promise<string | undefined> {
  let newest: string | undefined;
  for await (const name of namesIn(join(outputDir, logRoot))) {
    if (/^\d{8}-\d{4}$/.test(name) && (newest === undefined || name > newest)) newest = name;
  }
  return newest === undefined ? undefined : join(outputDir, logRoot, newest);
}

/**
 * The start and the end of the controller's log, to which a scenario can add any number
 * of lines. Empty if there is none.
 */
export async function readControllerLog(folder: string): Promise<string> {
  const name = await findControllerLog(folder);
  if (name === undefined) return '';
  const path = join(folder, name);
  const [first, last] = [readUntrustedStart(path, endBytes), readUntrustedEnd(path, endBytes)];
  return first === last ? first : `${first}\n${last}`;
}

async function findControllerLog(folder: string): Promise<string | undefined> {
  for await (const name of namesIn(folder)) if (/^tsung_controller.*\.log$/.test(name)) return name;
  return undefined;
}

/** Tsung makes a few files for each of its VMs; the scenario may have made any number of others. */
const maxNames = 20_000;

async function* namesIn(path: string): AsyncGenerator<string> {
  let names = 0;
  try {
    for await (const { name } of await opendir(path, { bufferSize: 256 })) {
      names += 1;
      if (names > maxNames) return;
      yield name;
    }
  } catch (error) {
    // If this is not a folder, it holds no files of Tsung's.
    if (!notListed.some((code) => hasCode(error, code))) throw error;
  }
}

const notListed = ['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES'];
