/**
 * Decides how much will be known about each request of a scenario: every duration by name, `each`,
 * or, without samples, what Tsung's log gives: `intervals`.
 */

import type { Machine, Sampling } from '../../engine.ts';
import { descendants, type Element } from '../xml/tree.ts';

/**
 * Tsung looks at the clock before it opens the connection that a request needs, and again when the
 * answer is whole; durations are counted in microseconds.
 */
const measured = { duration: 'total', resolutionUs: 1 } as const;

export function requestSampling(root: Element, samples: Machine['samples']): Sampling {
  if (samples !== false) return { requests: 'each', ...measured };
  const types = new Set([
    ...descendants(root, 'session').map((session) => session.attribute('type') ?? ''),
    ...descendants(root, 'change_type').map((change) => change.attribute('new_type') ?? ''),
  ]);
  const requestName = [...types].map((type) => type.replace(/^ts_/, '')).join(' + ');
  const note = 'samples are switched off: Tsung gives counts and means per second, no percentiles';
  return { requests: 'intervals', requestName, note, ...measured };
}
