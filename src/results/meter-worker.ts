/** The thread behind the meter: follows the engine's output and posts what it has measured so far. */

import { parentPort, workerData } from 'node:worker_threads';
import { untilBeat } from '../beat.ts';
import { engineOutput } from '../engine/exit-file.ts';
import { collectAll, collectorFor, type MeasureOptions } from './read-output.ts';
import type { Measurements, MeasurementsTick } from './summary.ts';

export type MeterMessage =
  | Readonly<{ type: 'tick'; tick: MeasurementsTick }>
  | Readonly<{ type: 'full' | 'final'; measurements: Measurements }>;

/** Told this far past a second, what was written on it has been read. */
const tickAfterMs = 250;
const ticksPerFull = 10;

const given: Omit<MeasureOptions, 'signal'> = workerData;
// The thread is ended from outside.
const options = { ...given, signal: new AbortController().signal };
const collector = collectorFor(options);

let ticks = 0;
let timer = setTimeout(beat, untilBeat({ afterMs: tickAfterMs }));
const ended = new AbortController();
parentPort?.once('message', () => ended.abort());
parentPort?.unref();

try {
  await collectAll(collector, {
    ...options,
    output: engineOutput(options.engineDir, ended.signal),
  });
} finally {
  clearTimeout(timer);
}
post({ type: 'final', measurements: collector.full() });

function beat(): void {
  if (ticks % ticksPerFull === 0) post({ type: 'full', measurements: collector.full() });
  else post({ type: 'tick', tick: collector.tick() });
  ticks += 1;
  timer = setTimeout(beat, untilBeat({ afterMs: tickAfterMs }));
}

function post(message: MeterMessage): void {
  parentPort?.postMessage(message);
}
