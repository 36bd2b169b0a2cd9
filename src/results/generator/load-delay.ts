/** Takes the generator's own delay of those seconds in which there is load. */

import type { SecondDelay, SecondTotals } from '../../engine/samples.ts';
import type { LoadTime } from '../counting/plausible-time.ts';
import type { Stretch } from '../counting/stretch.ts';

/** Of a longer silence in the load, the end counts. */
const maxHeld = 3_600;

/**
 * For each second, once it is counted. Before the first request the engine is still starting, and
 * after the last one it waits for its end: what is late then is late for no user. Whether a request
 * was the last one is known only later, so delays after it are held back until there is another.
 * `load`: of this engine, so far.
 */
export function createLoadDelay(
  load: Stretch,
  time: LoadTime,
  take: (startMs: number, delay: SecondDelay) => void,
): (second: SecondTotals) => void {
  let held: Readonly<{ startMs: number; delay: SecondDelay }>[] = [];

  return ({ startMs, delay }) => {
    if (delay !== undefined && time.admits(startMs)) held.push({ startMs, delay });
    const later: typeof held = [];
    for (const each of held) {
      if (each.startMs > load.endedMs) later.push(each);
      else if (each.startMs + 1_000 > load.startedMs) take(each.startMs, each.delay);
    }
    held = later.slice(-maxHeld);
  };
}
