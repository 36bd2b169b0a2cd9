/** A load that came to its end with next to nothing fired is not complete. Pure. */

import type { Plan } from '../engine/engine.ts';
import { counted, formatInteger } from '../text.ts';
import type { LoadEnd } from './load-end.ts';

/** `usersStarted`: absent where the engine does not count them. */
type FiredLoad = Readonly<{ requests: number; usersStarted?: number }>;

/** Of sessions without a request, all users start and nothing is sent: that is complete. */
export function unlessNothingFired(
  end: LoadEnd,
  { plannedUsers = 0 }: Pick<Plan, 'plannedUsers'>,
  { requests, usersStarted }: FiredLoad,
): LoadEnd {
  if (end.outcome.kind !== 'complete' || usersStarted === undefined) return end;
  if (requests > 0 || plannedUsers < 1 || usersStarted >= plannedUsers / 2) return end;
  const planned = counted(Math.round(plannedUsers), 'planned user');
  return {
    ...end,
    outcome: {
      kind: 'failed',
      problem: {
        code: 'ENGINE_NOTHING_FIRED',
        message: `${formatInteger(usersStarted)} of ${planned} started, and not one request was answered`,
        hint: 'the machine had hardly any processor time: take a larger instance type; the log of the engine has more',
      },
    },
  };
}
