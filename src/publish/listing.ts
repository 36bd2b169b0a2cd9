/**
 * Lists the plain files of a folder and of those below it, without following anything out of it.
 */

import { closeSync, constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isWhere,
  notOpened,
  type OpenedSync,
  openUntrustedSync,
  RefusedFile,
} from '../untrusted-file.ts';

export type ListedFile = Readonly<{ path: string; bytes: number; modifiedMs: number }>;

/** `refused`: what is there and is no file that could be read. */
type Listing = Readonly<{ files: readonly ListedFile[]; refused: readonly RefusedFile[] }>;

/**
 * `enter`: a folder, to list what is in it. `look`: a file, or it is refused. `pass`: nothing is
 * opened.
 */
export type Treatment = 'enter' | 'look' | 'pass';

export async function listBelow(
  root: string,
  treatmentOf: (path: string, isFolder: boolean) => Treatment,
): Promise<Listing> {
  const files: ListedFile[] = [];
  const refused: RefusedFile[] = [];

  function look(path: string): void {
    const opened = orRefused(() => openUntrustedSync(path));
    if (opened !== undefined) {
      closeSync(opened.fd);
      files.push({ path, bytes: opened.bytes, modifiedMs: opened.modifiedMs });
    } else if (path.includes('\ufffd')) {
      refused.push(new RefusedFile(path, 'its name is not in UTF-8'));
    }
  }

  function orRefused(ask: () => OpenedSync | undefined): OpenedSync | undefined {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof RefusedFile)) throw error;
      refused.push(error);
      return undefined;
    }
  }

  // A folder after the other: there may be any number of them.
  for (const left = [root]; left.length > 0; ) {
    const folder = left.pop() ?? root;
    try {
      for (const entry of await entriesOf(folder)) {
        const path = join(folder, entry.name);
        const treatment = treatmentOf(path, entry.isDirectory());
        if (treatment === 'enter') left.push(path);
        else if (treatment === 'look') look(path);
      }
    } catch (error) {
      if (!(error instanceof RefusedFile)) throw error;
      refused.push(error);
    }
  }
  return { files, refused };
}

/** By the folder that was opened, not by its name: that may lead elsewhere a moment later. */
async function entriesOf(path: string): ReturnType<typeof readEntries> {
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  const flags = O_DIRECTORY | O_NOFOLLOW | O_RDONLY;
  const handle = await open(path, flags).catch((error: unknown) => notOpened(path, error));
  if (handle === undefined) return [];
  try {
    if (!isWhere(handle.fd, path)) throw new RefusedFile(path, 'it is behind a link');
    return await readEntries(`/proc/self/fd/${handle.fd}`);
  } finally {
    await handle.close();
  }
}

async function readEntries(path: string) {
  return await readdir(path, { withFileTypes: true });
}
