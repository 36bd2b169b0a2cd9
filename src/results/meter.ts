/** Measures a run while it goes on, or afterwards from its files. */

import { msToNextTick } from '../clock.ts';
import { engineOutput } from '../engine/handover/exit-file.ts';
import { messageOf, OnagerError } from '../errors.ts';
import { wait } from '../retry.ts';
import type { Collector } from './collect.ts';
import type { Measurements, MeasurementsTick } from './measurements.ts';
import { collectAll, collectorFor, type MeasureOptions } from './read-output.ts';

export type MeterOptions = MeasureOptions &
  Readonly<{
    /** Once a second; continues the latest full measurements and the ticks since. */
    onTick(tick: MeasurementsTick): void;
    /** Before the first tick, and every ten seconds. */
    onFull(measurements: Measurements): void;
    /** Only `ended()` decides that it has ended: the engine could have written exit.json. */
    endIsTold?: boolean;
  }>;

export type Meter = Readonly<{
  /**
   * The final measurements, once the engine has ended and everything has been read. Rejects with
   * `METER_FAILED`, or the signal's reason.
   */
  done: Promise<Measurements>;
  /** Says that the engine has ended, which the meter would otherwise see at its next check. */
  ended(): void;
  /** Resolves once nothing is read any more; `done` rejects unless it is settled. */
  close(): Promise<void>;
}>;

/** Ticks go out this long after each second, once that second's output has been read. */
const tickAfterMs = 250;
const ticksPerFull = 10;

/** Measures the existing files, whether or not the engine ever finished. */
export async function measure(options: MeasureOptions): Promise<Measurements> {
  const collector = collectorFor(options);
  const output = { dir: options.engineDir, hasEnded: async () => true };
  await collectAll(collector, { ...options, output });
  return collector.full();
}

/**
 * Shares the thread of its caller: a piece is read and understood in a few milliseconds, and then
 * others have their turn; the longest stretch is all that there is to tell of a thousand names, a
 * tenth of a second. A thread of its own would cost 20 MB, and a copy of all it has to tell.
 */
export function startMeter(options: MeterOptions): Meter {
  const { engineDir, signal } = options;
  const ended = new AbortController();
  const closed = new AbortController();
  const failed = new AbortController();
  const any = AbortSignal.any([signal, closed.signal, failed.signal]);

  async function follow(): Promise<Measurements> {
    const over = new AbortController();
    try {
      const collector = collectorFor(options);
      const looked = engineOutput(engineDir, ended.signal);
      const told = async (): Promise<boolean> => ended.signal.aborted;
      const output = options.endIsTold === true ? { ...looked, hasEnded: told } : looked;
      const reading = collectAll(collector, { ...options, output, signal: any });
      const all = reading.finally(() => over.abort());
      try {
        await Promise.all([all, tellOn(collector, options, over.signal)]);
      } finally {
        failed.abort();
        await all.catch(() => undefined);
      }
      return collector.full();
    } catch (cause) {
      signal.throwIfAborted();
      if (closed.signal.aborted) throw failure('the meter was closed');
      throw failure(`measuring failed: ${messageOf(cause)}`, cause);
    }
  }

  const done = follow();
  // The caller that closes the meter does not have to await `done` as well.
  done.catch(() => undefined);
  return {
    done,
    ended: () => ended.abort(),
    async close() {
      closed.abort();
      await done.catch(() => undefined);
    },
  };
}

/** Reports the measurements on every tick until the signal is aborted. */
async function tellOn(
  collector: Collector,
  { onTick, onFull }: Pick<MeterOptions, 'onTick' | 'onFull'>,
  over: AbortSignal,
): Promise<void> {
  for (let beat = 0; ; beat += 1) {
    await wait(msToNextTick({ afterMs: tickAfterMs }), over).catch(() => undefined);
    if (over.aborted) return;
    if (beat % ticksPerFull === 0) onFull(collector.full());
    else onTick(collector.tick());
  }
}

function failure(message: string, cause?: unknown): OnagerError {
  return new OnagerError('METER_FAILED', message, {
    hint: 'nothing is lost: `onager report RUN_DIR` measures again from the files of the engine',
    cause,
  });
}
