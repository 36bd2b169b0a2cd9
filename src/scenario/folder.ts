/** Lists the files of a scenario folder, and reads their beginnings. */

import { open, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** All regular files below the folder, relative to it, with forward slashes, sorted. */
export async function listFiles(dir: string): Promise<readonly string[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  return found
    .filter((item) => item.isFile())
    .map((item) => relative(dir, join(item.parentPath, item.name)).split(sep).join('/'))
    .toSorted();
}

const startBytes = 64 * 1024;

/** The first bytes of a file: enough to see what it is. */
export async function readStart(path: string): Promise<Uint8Array> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
  return buffer.subarray(0, bytesRead);
}
