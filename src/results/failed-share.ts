/** Which share of what a name counts has failed; runs in the agent and in the browser. Pure. */

import type { NameStats } from './summary.ts';

/** 0 to 1: of a transaction, of the requests in it. Undefined where failures are not known. */
export function failedShare({
  count,
  failed,
  requests = count,
}: Pick<NameStats, 'count' | 'failed' | 'requests'>): number | undefined {
  return failed === undefined || requests === 0 ? undefined : failed / requests;
}
