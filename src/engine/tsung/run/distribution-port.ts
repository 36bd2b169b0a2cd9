/** The port of Erlang's distribution, on the loopback. */

import { randomInt } from 'node:crypto';
import type { LoadShare } from '../../engine.ts';

/** Those that Tsung itself chooses from. */
const first = 64_000;
const count = 1_501;

/**
 * A different one for each run, so that two runs do not collide; and never that of another member
 * of the same cluster: in a rehearsal all are on one machine.
 */
export function distributionPort(share?: LoadShare): number {
  const { index, weights } = share ?? { index: 0, weights: [1] };
  const members = Math.min(weights.length, count);
  return first + (index % members) + members * randomInt(Math.floor(count / members));
}
