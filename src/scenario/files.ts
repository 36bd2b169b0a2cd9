/** What a scenario folder holds. */

import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** All regular files below the folder, relative to it, with forward slashes, sorted. */
export async function listFiles(dir: string): Promise<readonly string[]> {
  const found = await readdir(dir, { recursive: true, withFileTypes: true });
  return found
    .filter((item) => item.isFile())
    .map((item) => relative(dir, join(item.parentPath, item.name)).split(sep).join('/'))
    .toSorted();
}
