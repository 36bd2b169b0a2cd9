/** Makes a folder appear as a whole: it is filled under another name, then renamed. */

import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../errors.ts';
import { syncFolder } from '../files/files.ts';

/** Replaces an existing folder, and removes what a killed process left next to it. */
export async function placeFolder(
  into: string,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const draftPrefix = `${basename(into)}.draft-`;
  const parent = dirname(into);
  for (const name of await readdir(parent)) {
    if (name.startsWith(draftPrefix)) await remove(join(parent, name));
  }
  const draft = await mkdtemp(join(parent, draftPrefix));
  try {
    await chmod(draft, 0o755);
    await fill(draft);
    await syncFolder(draft);
    await replace(draft, into);
  } finally {
    await remove(draft);
  }
  await syncFolder(parent);
}

async function replace(draft: string, into: string): Promise<void> {
  try {
    await rename(draft, into);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    const old = `${draft}-replaces`;
    await rename(into, old);
    await rename(draft, into);
    await remove(old);
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}
