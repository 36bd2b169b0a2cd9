/** Temporary folders of a test file: they are removed once its tests are over, however they end. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];

// Whatever a test starts in such a folder has been ended by the test's own hooks, which run first.
afterAll(async () => {
  const made = folders.splice(0);
  await Promise.all(made.map((path) => rm(path, { recursive: true, force: true, maxRetries: 5 })));
});

/** Makes a new folder. The name helps people who find the folder while a test runs. */
export async function temporaryFolder(name = 'test'): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `onager-${name}-`));
  folders.push(path);
  return path;
}
