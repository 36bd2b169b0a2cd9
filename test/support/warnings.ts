/** The warnings of a rehearsed run, without those about where its target is. */

import type { Problem } from '../../src/errors.ts';

/** A rehearsal's target is on this machine. */
export function besideTarget({
  warnings,
}: Readonly<{ warnings: readonly Problem[] }>): readonly Problem[] {
  return warnings.filter(({ code }) => code !== 'TARGET_LOOPBACK');
}
