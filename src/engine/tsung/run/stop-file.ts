/** The file that asks a running Tsung to stop. */

import type { Plan } from '../../engine.ts';

/** Names the file in Tsung's environment. */
export const stopFileVariable = 'ONAGER_STOP_FILE';

/** Where the running Tsung of this plan looks for a request to stop. */
export function stopFileOf(plan: Plan): string | undefined {
  return plan.env[stopFileVariable];
}
