/** Errors that have to do with one other member. */

import { errorOf, OnagerError, type Problem } from '../errors.ts';
import type { Member } from './member.ts';

/** What that member failed with. */
export function failedThere(
  { instanceId }: Pick<Member, 'instanceId'>,
  problem: Problem,
): OnagerError {
  return errorOf({ ...problem, message: `on the member ${instanceId}: ${problem.message}` });
}

/** Before the load. */
export function memberLost({ instanceId, address }: Member, lostMs: number): OnagerError {
  const message = `the member ${instanceId} at ${address} has not answered for ${lostMs / 1_000} s`;
  return new OnagerError('CLUSTER_MEMBER_LOST', message, {
    hint: 'look at its console log; nothing has been fired, so launch the cluster again',
  });
}
