/** withdrawn.json: takes a plan back for good, whatever is still on its way to fire it. */

import { join } from 'node:path';
import { isThere, writeWhole } from '../../files/files.ts';
import { readFired } from './process-file.ts';

/**
 * True: nothing fires this plan any more. False: it has been fired. A host claims and then looks
 * for a withdrawal; this writes one and then looks for a claim: whoever comes second sees the
 * first, so nobody has to be waited for.
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
