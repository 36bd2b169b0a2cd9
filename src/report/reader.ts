/** What everybody who shows results may do with them: read, and hear of news. */

import type { MeasurementsTick } from '../results/measurements.ts';
import type { Summary } from './summary.ts';

/** `tick`: a second's change to what was told before. `summary`: all is new, ask for it. */
export type ResultsEvent =
  | Readonly<{ type: 'tick'; tick: MeasurementsTick }>
  | Readonly<{ type: 'summary' }>;

/** `subscribe` gives back how to stop hearing. */
export type ResultsReader = Readonly<{
  summary(): Summary | undefined;
  subscribe(listener: (event: ResultsEvent) => void): () => void;
}>;
