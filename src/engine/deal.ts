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

/** Each place goes to the member that is furthest behind its weight. */
export function dealOf({ index, weights }: LoadShare): Deal {
  const divisor = weights.reduce(commonDivisor, 0);
  const parts = weights.map((weight) => weight / divisor);
  const cycle = parts.reduce((sum, part) => sum + part, 0);
  const behind = parts.map(() => 0);
  const slots: number[] = [];
  for (let place = 0; place < cycle; place += 1) {
    let first = 0;
    for (const [member, part] of parts.entries()) {
      behind[member] = (behind[member] ?? 0) + part;
      if ((behind[member] ?? 0) > (behind[first] ?? 0)) first = member;
    }
    behind[first] = (behind[first] ?? 0) - cycle;
    if (first === index) slots.push(place);
  }
  return { cycle, slots };
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
