/** The warnings of a rehearsed run, except those about where its target is. */

import type { Problem } from '../../src/errors.ts';

/**
 * A rehearsal's target is on this machine, and its variables are set even if a scenario has none.
 */
export function besideTarget({
  warnings,
}: Readonly<{ warnings: readonly Problem[] }>): readonly Problem[] {
  return warnings.filter(({ code }) => code !== 'TARGET_LOOPBACK' && code !== 'VAR_UNUSED');
}
