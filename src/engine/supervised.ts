/**
 * What the supervisor needs of the engines of this build: it loads no more than that, as the load
 * waits for it.
 */

import type { Supervised } from './engine.ts';
import { supervisedTsung } from './tsung/supervised.ts';

const engines: readonly Supervised[] = [supervisedTsung];

export function supervisedNamed(name: string): Supervised | undefined {
  return engines.find((engine) => engine.name === name);
}
