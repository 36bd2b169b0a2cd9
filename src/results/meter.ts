/** Measures a run: while it goes on, in a thread of its own so that the agent is never held up, or from its files at once. */

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OnagerError } from '../errors.ts';
import type { MeterMessage } from './meter-worker.ts';
import { collectAll, collectorFor, type MeasureOptions } from './read-output.ts';
import type { Measurements, MeasurementsTick } from './summary.ts';

export type MeterOptions = MeasureOptions &
  Readonly<{
    /** Once a second; continues the latest full measurements and the ticks since. */
    onTick(tick: MeasurementsTick): void;
    /** Before the first tick, and every ten seconds. */
    onFull(measurements: Measurements): void;
  }>;

export type Meter = Readonly<{
  /** The final measurements, once the engine has ended and all is read. Rejects with `METER_FAILED`, or the signal's reason. */
  done: Promise<Measurements>;
  /** Tells that the engine has ended, which the meter would see by itself a second later. */
  ended(): void;
  /** Ends the thread; `done` rejects unless it is settled. */
  close(): Promise<void>;
}>;

/** A thread that runs out of its memory ends alone; the run can then still be measured from its files. */
const maxHeapMb = 256;

/** Measures what is there, whether or not the engine ever came to its end. */
export async function measure(options: MeasureOptions): Promise<Measurements> {
  const collector = collectorFor(options);
  const output = { dir: options.engineDir, hasEnded: async () => true };
  await collectAll(collector, { ...options, output });
  return collector.full();
}

export function startMeter({ signal, onTick, onFull, ...workerData }: MeterOptions): Meter {
  const { promise: done, resolve, reject } = Promise.withResolvers<Measurements>();
  // Whoever closes the meter need not wait for it as well.
  done.catch(() => undefined);

  const worker = new Worker(new URL(`./meter-worker${extname(import.meta.url)}`, import.meta.url), {
    name: 'meter',
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 2 },
  });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
    reject(failure('the meter was closed'));
  };
  const stop = (): void => {
    reject(signal.reason);
    void close();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();

  worker.on('message', (message: MeterMessage) => {
    if (signal.aborted) return;
    switch (message.type) {
      case 'tick':
        onTick(message.tick);
        break;
      case 'full':
        onFull(message.measurements);
        break;
      case 'final':
        resolve(message.measurements);
        break;
      default:
        message satisfies never;
    }
  });
  worker.on('error', (cause) => reject(failure(`measuring failed: ${cause.message}`, cause)));
  worker.on('exit', () => {
    signal.removeEventListener('abort', stop);
    reject(failure('the measuring thread ended before the engine did'));
  });
  return { done, ended: () => worker.postMessage('ended'), close };
}

function failure(message: string, cause?: unknown): OnagerError {
  return new OnagerError('METER_FAILED', message, {
    hint: 'nothing is lost: `onager report RUN_DIR` measures again from the files of the engine',
    cause,
  });
}
