/** Says what a check is still waiting for while it waits for several things at once. */

import type { Patience } from '../../engine.ts';

type Wait<T> = Readonly<{ limitMs: number; done: Promise<T> }>;

/** Of those that are not done, the one named first is reported. */
export function createWaits(
  tell: Patience['onWaiting'] = () => undefined,
): <T>(what: string, wait: Wait<T>) => Promise<T> {
  let told: object | undefined;
  const open: Readonly<{ what: string; limitMs: number }>[] = [];

  function tellFirst(): void {
    const [first] = open;
    if (first !== undefined && first !== told) tell(first);
    told = first;
  }

  return async (what, { limitMs, done }) => {
    const wait = { what, limitMs };
    open.push(wait);
    tellFirst();
    try {
      return await done;
    } finally {
      open.splice(open.indexOf(wait), 1);
      tellFirst();
    }
  };
}
