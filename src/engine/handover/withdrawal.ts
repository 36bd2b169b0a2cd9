/** withdrawn.json: withdraws a plan for good, even if a supervisor is about to fire it. */

import { join } from 'node:path';
import { isThere, writeWhole } from '../../files/files.ts';
import { readFired } from './process-file.ts';

/**
 * True: nothing fires this plan any more. False: it has been fired. A supervisor claims and then
 * looks for a withdrawal; this writes a withdrawal and then looks for a claim. The second to write
 * sees the first, so neither has to wait.
 */
export async function withdraw(outputDir: string): Promise<boolean> {
  if ((await readFired(outputDir)) !== undefined) return false;
  await writeWhole(join(outputDir, file), `${JSON.stringify({ version: 1 })}\n`);
  return (await readFired(outputDir)) === undefined;
}

export function isWithdrawn(outputDir: string): boolean {
  return isThere(join(outputDir, file));
}

const file = 'withdrawn.json';
