/** Creates the folder that agent and engine share: both may write there, no one else may read. */

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../../files/files.ts';

/**
 * `sharedGroupDir`: a folder that gives its group, the engine's, to what is made in it (setgid). In
 * the agent's sandbox chown(2) is refused, so it cannot change a group, but it can move what it
 * owns. Without one, agent and engine are the same user.
 */
export async function makeEngineFolder(engineDir: string, sharedGroupDir?: string): Promise<void> {
  if (sharedGroupDir === undefined) {
    await mkdir(engineDir, { recursive: true });
    return;
  }
  if (isThere(engineDir)) return;
  const draft = join(sharedGroupDir, randomBytes(6).toString('hex'));
  // Not by chmod(2), which would clear the setgid bit that mkdir(2) inherits. Synchronously,
  // because the umask is the whole process's.
  const umask = process.umask(0o007);
  try {
    mkdirSync(draft);
  } finally {
    process.umask(umask);
  }
  await rename(draft, engineDir);
}
