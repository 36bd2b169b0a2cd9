/** The warnings of a run whose target is on this machine, without the one that says so. */

import type { Problem } from '../../src/errors.ts';

export function besideLoopback({
  warnings,
}: Readonly<{ warnings: readonly Problem[] }>): readonly Problem[] {
  return warnings.filter(({ code }) => code !== 'TARGET_LOOPBACK');
}
