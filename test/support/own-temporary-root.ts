/**
 * Gives every run of the tests a temporary folder of its own, and fails a run that leaves anything
 * in it.
 */

import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function setup(): Promise<() => Promise<void>> {
  const root = await mkdtemp(join(tmpdir(), 'onager-tests-'));
  // Open to all, like /tmp: some tests run programs as another user.
  await chmod(root, 0o1777);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = root;
  return async () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    const left = (await readdir(root)).toSorted();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
    if (left.length === 0) return;
    const named = [...left.slice(0, 10), ...(left.length > 10 ? ['...'] : [])].join(', ');
    throw new Error(`the tests left ${left.length} entries in the temporary folder: ${named}`);
  };
}
