/**
 * Reads tsung.log and tsung-fullstats.log side by side: the first gives the samples of the second
 * their times.
 */

import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Sampling } from '../../engine.ts';
import type { SampleBatch, SampleKind, Unreadable } from '../../samples.ts';
import { createFullstatsParser } from './fullstats-parser.ts';
import { createLogParser } from './log-parser.ts';
import { createTail } from './tail.ts';
import { createTimeline } from './timeline.ts';

/** Kinds whose durations are read from tsung-fullstats.log. */
const kindsWithSamples: Readonly<Record<Sampling['requests'], readonly SampleKind[]>> = {
  each: ['transaction', 'page', 'connect'],
  overall: ['transaction', 'page', 'connect', 'request'],
  // Tsung does not write that log.
  intervals: [],
};

/** How many batches are passed on before other work gets a turn. */
const batchesPerTurn = 8;
/**
 * Reading one of the two logs pauses while the other is this far behind, because waiting samples
 * are kept in memory.
 */
const maxWaitingSamples = 500_000;
const maxWaitingMarks = 100_000;

export type OutputReader = Readonly<{
  /** Everything available by now. */
  readOn(): AsyncGenerator<SampleBatch>;
  /** What is only known once nothing more will come. */
  finish(): Generator<SampleBatch>;
  close(): void;
}>;

export function createCounterReader(
  folder: string,
  sampling: Sampling,
  signal: AbortSignal,
): OutputReader {
  const timeline = createTimeline({
    kinds: kindsWithSamples[sampling.requests],
    requestName: sampling.requestName ?? 'request',
  });
  const unreadable = createUnreadable();
  const log = createLogParser({
    withTimings: sampling.requests === 'intervals',
    onUnreadable: unreadable.in('tsung.log'),
  });
  const fullstats = createFullstatsParser({
    samplesOf: timeline.samplesOf,
    onUnreadable: unreadable.in('tsung-fullstats.log'),
  });
  const logTail = createTail(join(folder, 'tsung.log'));
  const fullstatsTail = createTail(join(folder, 'tsung-fullstats.log'));

  function* take(blocks: ReturnType<typeof log.push>): Generator<SampleBatch> {
    for (const { interval, marks } of blocks) {
      yield interval;
      for (const mark of marks) timeline.mark(mark);
    }
  }

  function* readLog(): Generator<SampleBatch, number> {
    const piece = logTail.next();
    yield* take(log.push(Buffer.from(piece).toString('latin1')));
    return piece.length;
  }

  async function* released(): AsyncGenerator<SampleBatch> {
    let batches = 0;
    for (const batch of timeline.release()) {
      yield batch;
      batches += 1;
      if (batches % batchesPerTurn === 0) await turnOf(signal);
    }
  }

  function readFullstats(): number {
    const piece = fullstatsTail.next();
    fullstats.push(piece);
    return piece.length;
  }

  return {
    async *readOn() {
      for (let bytes = -1; bytes !== 0; ) {
        const { samples, marks } = timeline.waiting();
        const isLogAhead = marks >= maxWaitingMarks && samples === 0;
        const isFullstatsAhead = samples >= maxWaitingSamples;
        bytes = isLogAhead ? 0 : yield* readLog();
        if (!isFullstatsAhead || bytes === 0) bytes += readFullstats();
        // Neither log waits for something that the other does not have.
        if (isLogAhead && bytes === 0) bytes = yield* readLog();
        yield* released();
        yield* unreadable.take();
        await turnOf(signal);
      }
    },
    *finish() {
      yield* take(log.end());
      fullstats.end();
      yield* timeline.release({ all: true });
      yield* unreadable.take();
    },
    close() {
      logTail.close();
      fullstatsTail.close();
    },
  };
}

/** Gives other work a turn; rejects if the signal is aborted by then. */
export async function turnOf(signal: AbortSignal): Promise<void> {
  await turn();
  signal.throwIfAborted();
}

function createUnreadable(): Readonly<{
  in(file: string): (example: string) => void;
  take(): Generator<Unreadable>;
}> {
  const counted = new Map<string, { count: number; example: string }>();
  return {
    in: (file) => (example) => {
      const known = counted.get(file);
      if (known === undefined) counted.set(file, { count: 1, example });
      else known.count += 1;
    },
    *take() {
      for (const [file, { count, example }] of counted) {
        yield { type: 'unreadable', file, count, example };
      }
      counted.clear();
    },
  };
}
