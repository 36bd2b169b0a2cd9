/** Makes the folder that agent and engine share, so that both may write there and nobody else may look. */

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from '../../files/files.ts';

/**
 * `nursery`: a folder that hands its group, the engine's, on to what is made in it (setgid). The agent may not change groups
 * where its sandbox refuses chown(2), but it may move what it owns. Without one, agent and engine are the same user.
 */
export async function makeEngineFolder(engineDir: string, nursery?: string): Promise<void> {
  if (nursery === undefined) {
    await mkdir(engineDir, { recursive: true });
    return;
  }
  if (isThere(engineDir)) return;
  const draft = join(nursery, randomBytes(6).toString('hex'));
  // Not by chmod(2), which would take the group's bit away that mkdir(2) inherits; in one go, because the umask is everybody's.
  const umask = process.umask(0o007);
  try {
    mkdirSync(draft);
  } finally {
    process.umask(umask);
  }
  await rename(draft, engineDir);
}
