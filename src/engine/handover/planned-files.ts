/** Writes the files that a plan asks for. */

import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../files/files.ts';
import type { Plan } from '../engine.ts';

/**
 * Each file is written whole: a late supervisor writes the same content again, while the engine
 * may be reading it.
 */
export async function writePlannedFiles({ files }: Plan, outputDir: string): Promise<void> {
  for (const { path, content } of files) {
    const target = join(outputDir, path);
    await mkdir(dirname(target), { recursive: true });
    await writeWhole(target, content);
  }
}
