/** Follows everything Tsung writes in a run and yields it as samples and intervals. */

import { join } from 'node:path';
import type { EngineOutput, Sampling } from '../../engine.ts';
import { createPause } from '../../follow.ts';
import type { SampleBatch } from '../../samples.ts';
import { createCounterReader, type OutputReader, turnOf } from './counter-reader.ts';
import { createDumpParser, type DumpParser } from './dump-parser.ts';
import { findDumps, findLogFolder } from './log-folder.ts';
import { createTail, type Tail } from './tail.ts';

/** Tsung writes one for each of its VMs, which run at least a few hundred users each. */
const maxDumps = 1_024;

export async function* readOutput(
  output: EngineOutput,
  sampling: Sampling,
  signal: AbortSignal,
): AsyncGenerator<SampleBatch> {
  const pause = createPause(output, signal);
  let reader: OutputReader | undefined;
  try {
    for (let hasEnded = false; !hasEnded; ) {
      // Asked before the last read: the other way round, what is written in between would be lost.
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

function createFolderReader(folder: string, sampling: Sampling, signal: AbortSignal): OutputReader {
  const enclosing = new Set(sampling.enclosing);
  const dumps = new Map<string, Readonly<{ tail: Tail; parser: DumpParser }>>();
  const counters = createCounterReader(folder, sampling, signal);

  return {
    async *readOn() {
      if (sampling.requests === 'each') {
        for (const name of await findDumps(folder)) {
          if (dumps.has(name) || dumps.size === maxDumps) continue;
          const tail = createTail(join(folder, name));
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
