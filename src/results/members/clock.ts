/** Tells what another machine measured by this machine's clock. Pure. */

import type { GeneratorSample } from '../../engine/generator/sample.ts';
import type { Interval, SampleBatch, Samples, SecondTotals } from '../../engine/samples.ts';

type Clock = Readonly<{
  batch(batch: SampleBatch): SampleBatch;
  sample(sample: GeneratorSample): GeneratorSample;
}>;

/**
 * For a machine whose clock is ahead by so much. The engine's records and intervals are of whole
 * seconds, and what falls into one of them cannot be told apart: so everything of a member is moved
 * by the same whole number of seconds. A clock that is off by less than half a second changes
 * nothing, and a member's second can still begin up to half a second beside this machine's.
 */
export function onClock(offsetMs: number): Clock {
  const aheadMs = Math.round((Number.isFinite(offsetMs) ? offsetMs : 0) / 1_000) * 1_000;
  if (aheadMs === 0) return { batch: (batch) => batch, sample: (sample) => sample };

  function batch(told: SampleBatch): SampleBatch {
    switch (told.type) {
      case 'samples':
        return samples(told);
      case 'totals':
        return totals(told);
      case 'interval':
        return interval(told);
      case 'unreadable':
        return told;
      default:
        return told satisfies never;
    }
  }

  function samples(told: Samples): Samples {
    return { ...told, endMs: told.endMs.map((ms) => ms - aheadMs) };
  }

  function totals(told: SecondTotals): SecondTotals {
    return {
      ...told,
      startMs: told.startMs - aheadMs,
      totals: told.totals.map((total) => ({
        ...total,
        firstMs: total.firstMs - aheadMs,
        lastMs: total.lastMs - aheadMs,
      })),
      errors: told.errors.map((error) => ({ ...error, atMs: error.atMs - aheadMs })),
    };
  }

  function interval(told: Interval): Interval {
    return { ...told, endMs: told.endMs - aheadMs };
  }

  return { batch, sample: (told) => ({ ...told, atMs: told.atMs - aheadMs }) };
}
