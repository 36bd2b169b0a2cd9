/**
 * Lists the regular files of a folder and its subfolders, without following anything out of it.
 */

import { closeSync, constants, type Dirent } from 'node:fs';
import { open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isWhere,
  notOpened,
  type OpenedSync,
  openUntrustedSync,
  RefusedFile,
} from '../files/untrusted-file.ts';
import { counted } from '../text.ts';

export type ListedFile = Readonly<{ path: string; bytes: number; modifiedMs: number }>;

/** `refused`: entries that are not files that can be read. */
export type Listing = Readonly<{ files: readonly ListedFile[]; refused: readonly RefusedFile[] }>;

/**
 * `enter`: a folder, to list what is in it. `look`: a file, or it is refused. `always`: the same,
 * however many there are. `pass`: nothing is opened.
 */
export type Treatment = 'enter' | 'look' | 'always' | 'pass';

/**
 * How many files per folder and in total are examined, how many folders are entered, and
 * how many names of a folder are read: another user's program may make any number of them.
 */
type ListingLimits = Readonly<{
  filesInFolder: number;
  files: number;
  folders: number;
  names: number;
}>;

const ample: ListingLimits = { filesInFolder: 4_096, files: 8_192, folders: 512, names: 250_000 };

export async function listBelow(
  root: string,
  treatmentOf: (path: string, isFolder: boolean) => Treatment,
  limits: ListingLimits = ample,
): Promise<Listing> {
  const files: ListedFile[] = [];
  const refused: RefusedFile[] = [];
  let looks = 0;

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

  const folders = [root];

  /** False if there are too many. */
  function take(path: string, treatment: Treatment, looksHere: number): boolean {
    if (treatment === 'enter') return folders.length < limits.folders && folders.push(path) > 0;
    if (treatment === 'look') {
      if (looksHere >= limits.filesInFolder || looks >= limits.files) return false;
      looks += 1;
    }
    if (treatment !== 'pass') look(path);
    return true;
  }

  async function list(folder: string): Promise<void> {
    let names = 0;
    let over = 0;
    const before = looks;
    for await (const entry of entriesOf(folder)) {
      names += 1;
      if (names > limits.names) break;
      const path = join(folder, entry.name);
      if (!take(path, treatmentOf(path, entry.isDirectory()), looks - before)) over += 1;
    }
    if (names > limits.names) refused.push(tooMany(folder, `more than ${limits.names} names`));
    else if (over > 0)
      refused.push(
        tooMany(folder, `${counted(over, 'file or folder', 'files and folders')} too many`),
      );
  }

  // One folder after the other, those closest to the root first.
  for (const folder of folders) {
    try {
      await list(folder);
    } catch (error) {
      if (!(error instanceof RefusedFile)) throw error;
      refused.push(error);
    }
  }
  return { files, refused };
}

function tooMany(folder: string, what: string): RefusedFile {
  return new RefusedFile(folder, `it has ${what}`);
}

/** By the opened folder, not by its name, which may lead elsewhere a moment later. */
async function* entriesOf(path: string): AsyncGenerator<Dirent> {
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
  const flags = O_DIRECTORY | O_NOFOLLOW | O_RDONLY;
  const handle = await open(path, flags).catch((error: unknown) => notOpened(path, error));
  if (handle === undefined) return;
  try {
    if (!isWhere(handle.fd, path)) throw new RefusedFile(path, 'it is behind a link');
    // Not all in parallel: there may be any number of them.
    yield* await opendir(`/proc/self/fd/${handle.fd}`, { bufferSize: 256 });
  } finally {
    await handle.close();
  }
}
