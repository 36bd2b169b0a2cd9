/**
 * The agent as the package has it: bundled, with the page and the Erlang modules beside it, and
 * with the code cache that its installation makes.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../scripts/package/bundle.ts';

const root = join(import.meta.dirname, '../..');

/** Gives the path of `cli.js`. */
export async function writeBundle(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  for (const { name, code } of (await bundle(root)).files) await writeFile(join(dir, name), code);
  await writeFile(join(dir, 'package.json'), '{"type":"commonjs"}\n');
  await copyFile(join(root, 'dist/page.html'), join(dir, 'page.html'));
  // Compiled when they are first needed.
  await cp(join(root, 'src/engine/tsung/erlang'), join(dir, 'erlang'), { recursive: true });
  await makeCodeCache(dir);
  return join(dir, 'cli.js');
}

async function makeCodeCache(dir: string): Promise<void> {
  await using cache = await open(join(dir, 'code-cache'), 'w');
  const maker = spawn(process.execPath, [join(dir, 'make-code-cache.js')], {
    stdio: ['ignore', 'ignore', 'ignore', cache.fd],
  });
  const [code] = await once(maker, 'exit');
  if (code !== 0) throw new Error(`make-code-cache.js ended with exit code ${code}`);
}
