/** A folder of its own for a test, and everything in a folder as one value. */

import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { temporaryFolder } from '../../support/temporary.ts';

export async function testFolder(): Promise<string> {
  const folder = await temporaryFolder('scenario');
  return folder;
}

/** Files with their content, and folders, which end with a slash and have no content. */
export async function tree(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    if (item.isDirectory()) found[`${relative(folder, path)}/`] = '';
    else found[relative(folder, path)] = await readFile(path, 'latin1');
  }
  return found;
}
