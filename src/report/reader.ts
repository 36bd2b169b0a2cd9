/** Read access to the results, with notification of changes. */

import type { MeasurementsTick } from '../results/measurements.ts';
import type { Summary } from './summary.ts';

/** `tick`: the change of one second. `summary`: everything may have changed; read it again. */
export type ResultsEvent =
  | Readonly<{ type: 'tick'; tick: MeasurementsTick }>
  | Readonly<{ type: 'summary' }>;

/** `subscribe` returns a function that unsubscribes. */
export type ResultsReader = Readonly<{
  summary(): Summary | undefined;
  subscribe(listener: (event: ResultsEvent) => void): () => void;
}>;
