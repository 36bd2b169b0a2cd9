/** The thread behind the meter: follows the engine's output and posts what it has measured so far. */

import { parentPort, workerData } from 'node:worker_threads';
import { engineOutput } from '../engine/exit-file.ts';
import { collectAll, collectorFor, type MeasureOptions } from './read-output.ts';
import type { Measurements, MeasurementsTick } from './summary.ts';

export type MeterMessage =
  | Readonly<{ type: 'tick'; tick: MeasurementsTick }>
  | Readonly<{ type: 'full' | 'final'; measurements: Measurements }>;

const tickMs = 1_000;
const ticksPerFull = 10;

const given: Omit<MeasureOptions, 'signal'> = workerData;
// The thread is ended from outside.
const options = { ...given, signal: new AbortController().signal };
const collector = collectorFor(options);

let ticks = 0;
const timer = setInterval(() => {
  if (ticks % ticksPerFull === 0) post({ type: 'full', measurements: collector.full() });
  else post({ type: 'tick', tick: collector.tick() });
  ticks += 1;
}, tickMs);

try {
  await collectAll(collector, { ...options, output: engineOutput(options.engineDir) });
} finally {
  clearInterval(timer);
}
post({ type: 'final', measurements: collector.full() });

function post(message: MeterMessage): void {
  parentPort?.postMessage(message);
}
