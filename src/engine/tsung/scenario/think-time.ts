/** How long a user may think: pause without waiting for an answer. */

import { descendants, type Element } from '../xml/tree.ts';

/**
 * Random think times are distributed exponentially: one in 20,000 is longer than ten times its
 * mean.
 */
const randomFactor = 10;

/** Undefined if it is not known before the load: a variable, or users that wait for each other. */
export function longestThinkMs(root: Element): number | undefined {
  const options = descendants(root, 'option').filter(
    (element) => element.attribute('name') === 'thinktime',
  );
  const seconds = [
    ...[...descendants(root, 'thinktime'), ...options].map(thinkSeconds),
    ...descendants(root, 'match').map((element) => Number(element.attribute('sleep_loop') ?? 0)),
  ];
  if (seconds.some(Number.isNaN)) return undefined;
  return seconds.reduce((longest, one) => Math.max(longest, one), 0) * 1_000;
}

function thinkSeconds(element: Element): number {
  const value = Number(element.attribute('value') ?? 0);
  const isRandom = element.attribute('random') === 'true';
  return Math.max(value * (isRandom ? randomFactor : 1), Number(element.attribute('max') ?? 0));
}
