/**
 * Deals what is counted to the members of a cluster, like cards: places in a fixed order belong to
 * members by their weights, and the order is begun again as often as needed. So the parts of all
 * members add up exactly, and no two of them have the same.
 */

import type { LoadShare } from './engine.ts';

/** `slots`: the places of each cycle that are this member's, ascending, counted from 0. */
export type Deal = Readonly<{ cycle: number; slots: readonly number[] }>;

/** All is one member's. */
export const wholeDeal: Deal = { cycle: 1, slots: [0] };

/**
 * The `i`-th of `n` members, of weight `w`, is to have its turns at `(t + (i + 1/2) / n) / w` of
 * the cycle, for `t` from 0 on; the earlier turn has the earlier place. So equals take turns, and
 * the turns of members of any weight are spread over the cycle.
 */
export function dealOf({ index, weights }: LoadShare): Deal {
  const divisor = weights.reduce(commonDivisor, 0);
  const parts = weights.map((weight) => weight / divisor);
  const own = parts[index] ?? 0;
  // All times are multiplied by `2n`, and by the weights: they stay whole numbers.
  const step = 2 * parts.length;
  const slots = Array.from({ length: own }, (_, turn) => {
    const time = step * turn + 2 * index + 1;
    const before = parts.map((part, other) => {
      const latest = Math.floor((time * part - (other < index ? 0 : 1)) / own);
      return Math.max(0, Math.floor((latest - 2 * other - 1) / step) + 1);
    });
    return sum(before);
  });
  return { cycle: sum(parts), slots };
}

/** How many of so many are the member's. */
export function ownCount({ cycle, slots }: Deal, count: number): number {
  const rest = count % cycle;
  return Math.floor(count / cycle) * slots.length + slots.filter((slot) => slot < rest).length;
}

/** The member's part of what can be divided as one likes, such as a rate. */
export function ownPart({ cycle, slots }: Deal, whole: number): number {
  return (whole * slots.length) / cycle;
}

/** The greatest one; with 0, the other number. */
export function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
