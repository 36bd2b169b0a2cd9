/** The agent as the package has it: bundled, with the page and the Erlang modules beside it. */

import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../scripts/package/bundle.ts';

const root = join(import.meta.dirname, '../..');

/** Gives the path of `cli.js`. */
export async function writeBundle(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  for (const { name, code } of (await bundle(root)).files) await writeFile(join(dir, name), code);
  await writeFile(join(dir, 'package.json'), '{"type":"module"}\n');
  await copyFile(join(root, 'dist/page.html'), join(dir, 'page.html'));
  // Compiled when they are first needed.
  await cp(join(root, 'src/engine/tsung/erlang'), join(dir, 'erlang'), { recursive: true });
  return join(dir, 'cli.js');
}
