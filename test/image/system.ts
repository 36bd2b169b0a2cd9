/** The system under test, which main.ts names, and where scripts/test-image-rootfs put its disk. */

import { join } from 'node:path';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    system: string;
  }
}

/** What the systems share: the package. */
export const cacheDir = join(import.meta.dirname, '../../.onager/image-cache');

/** Of this system: disk, kernel, and the tree that the disk was made from. */
export function systemDir(): string {
  return join(cacheDir, inject('system'));
}
