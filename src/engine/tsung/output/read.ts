/** Follows everything Tsung writes in a run and yields it as samples and intervals. */

import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { EngineOutput, Sampling } from '../../engine.ts';
import { createPause } from '../../follow.ts';
import type { SampleBatch, SampleKind, Unreadable } from '../../samples.ts';
import { createDumpParser, type DumpParser } from './dump-parser.ts';
import { createFullstatsParser } from './fullstats-parser.ts';
import { findDumps, findLogFolder } from './log-folder.ts';
import { createLogParser } from './log-parser.ts';
import { createTail, type Tail } from './tail.ts';
import { createTimeline } from './timeline.ts';

/** So much is read and understood, in a few milliseconds, before others have their turn; and so many batches are counted. */
const pieceBytes = 256 * 1024;
const batchesPerTurn = 8;
/** Reading one of fullstats and log pauses while the other is this far behind: what waits is kept in memory. */
const maxWaitingSamples = 500_000;
const maxWaitingMarks = 100_000;
/** Tsung has one for each of its VMs, of at least some hundred users. */
const maxDumps = 1_024;
/** Of what each duration is in tsung-fullstats.log, and is wanted from there. */
const kindsWithSamples: Readonly<Record<Sampling['requests'], readonly SampleKind[]>> = {
  each: ['transaction', 'page', 'connect'],
  overall: ['transaction', 'page', 'connect', 'request'],
  // There is no such log.
  intervals: [],
};

export async function* readOutput(
  output: EngineOutput,
  sampling: Sampling,
  signal: AbortSignal,
): AsyncGenerator<SampleBatch> {
  const pause = createPause(output, signal);
  let reader: FolderReader | undefined;
  try {
    for (let hasEnded = false; !hasEnded; ) {
      // Asked before the last read: what is written between a read and the end would be lost the other way round.
      hasEnded = await output.hasEnded();
      const folder = reader === undefined ? await findLogFolder(output.dir) : undefined;
      if (folder !== undefined) reader = createFolderReader(folder, sampling, signal);
      for await (const batch of reader?.readOn() ?? []) {
        signal.throwIfAborted();
        yield batch;
      }
      if (!hasEnded) await pause();
    }
    yield* reader?.finish() ?? [];
  } finally {
    reader?.close();
  }
}

type FolderReader = Readonly<{
  /** All that is there by now. */
  readOn(): AsyncGenerator<SampleBatch>;
  /** What can only be told once nothing more will come. */
  finish(): Generator<SampleBatch>;
  close(): void;
}>;

function createFolderReader(folder: string, sampling: Sampling, signal: AbortSignal): FolderReader {
  const enclosing = new Set(sampling.enclosing);
  const dumps = new Map<string, Readonly<{ tail: Tail; parser: DumpParser }>>();
  const counters = createCounterReader(folder, sampling, signal);

  return {
    async *readOn() {
      if (sampling.requests === 'each') {
        for (const name of await findDumps(folder)) {
          if (dumps.has(name) || dumps.size === maxDumps) continue;
          const tail = createTail(join(folder, name), pieceBytes);
          dumps.set(name, { tail, parser: createDumpParser(name, enclosing) });
        }
      }
      yield* counters.readOn();
      for (const { tail, parser } of dumps.values()) {
        for (let piece = tail.next(); piece.length > 0; piece = tail.next()) {
          yield* parser.push(piece);
          await turnOf(signal);
        }
      }
    },
    *finish() {
      for (const { parser } of dumps.values()) yield* parser.end();
      yield* counters.finish();
    },
    close() {
      counters.close();
      for (const { tail } of dumps.values()) tail.close();
    },
  };
}

/** Reads tsung.log and tsung-fullstats.log side by side: the one gives the other's samples their time. */
function createCounterReader(
  folder: string,
  sampling: Sampling,
  signal: AbortSignal,
): FolderReader {
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
  const logTail = createTail(join(folder, 'tsung.log'), pieceBytes);
  const fullstatsTail = createTail(join(folder, 'tsung-fullstats.log'), pieceBytes);

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
        // Neither waits for what the other one does not have.
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

/** Lets others have their turn; rejects if the signal is aborted by then. */
async function turnOf(signal: AbortSignal): Promise<void> {
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
