/** The current results: takes measurements from the meter and gives all readers one summary. */

import type { Measurements, MeasurementsTick } from '../results/measurements.ts';
import { applyTick } from '../results/tick.ts';
import type { RunStateReader } from '../run/state.ts';
import type { ResultsEvent, ResultsReader } from './reader.ts';
import type { Summary } from './summary.ts';
import { summarize } from './summary.ts';

export type LiveResults = ResultsReader &
  Readonly<{
    measurements(): Measurements | undefined;
    tick(tick: MeasurementsTick): void;
    full(measurements: Measurements, stage: 'live' | 'final'): void;
  }>;

export function createLiveResults(state: RunStateReader, now: () => Date): LiveResults {
  let measurements: Measurements | undefined;
  let final = false;
  const listeners = new Set<(event: ResultsEvent) => void>();

  function tell(event: ResultsEvent): void {
    for (const listener of listeners) listener(event);
  }

  return {
    summary(): Summary | undefined {
      if (measurements === undefined) return undefined;
      return summarize(state.current(), measurements, { final, now: now() });
    },
    measurements: () => measurements,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tick(tick) {
      // A tick is a change to full measurements, so those must come first.
      if (measurements === undefined) return;
      measurements = applyTick(measurements, tick);
      tell({ type: 'tick', tick });
    },
    full(next, stage) {
      measurements = next;
      final = stage === 'final';
      tell({ type: 'summary' });
    },
  };
}
