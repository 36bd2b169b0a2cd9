/** Takes the generator's own delay of those seconds in which there is load. */

import type { SecondDelay, SecondTotals } from '../../engine/samples.ts';
import type { Counts } from '../counting/counts.ts';
import type { GeneratorWatch } from './health.ts';

/** Of a longer silence in the load, the end counts. */
const maxHeld = 3_600;

/**
 * For each second, once it is counted. Before the first request the engine is still starting, and
 * after the last one it waits for its end: what is late then is late for no user. Whether a request
 * was the last one is known only later, so delays after it are held back until there is another.
 */
export function createLoadDelay(
  counts: Counts,
  generator: GeneratorWatch,
): (second: SecondTotals) => void {
  let held: Readonly<{ startMs: number; delay: SecondDelay }>[] = [];

  return ({ startMs, delay }) => {
    const load = counts.load.samples;
    if (delay !== undefined && counts.time.admits(startMs)) held.push({ startMs, delay });
    const later: typeof held = [];
    for (const each of held) {
      if (each.startMs > load.endedMs) later.push(each);
      else if (each.startMs + 1_000 > load.startedMs) {
        generator.addDelay(each.delay);
        counts.series.addDelay(each.startMs, each.delay);
      }
    }
    held = later.slice(-maxHeld);
  };
}
