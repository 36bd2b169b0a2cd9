/** Follows what Tsung, and Onager's part in it, write in a run: totals and intervals. */

import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { EngineOutput, Sampling } from '../../engine.ts';
import { createPause } from '../../follow.ts';
import type { SampleBatch, Unreadable } from '../../samples.ts';
import { findLogFolder, recordsFile } from './log-folder.ts';
import { createLogParser } from './log-parser.ts';
import { createRecordReader } from './records.ts';
import { createTail, type Tail } from './tail.ts';

export async function* readOutput(
  output: EngineOutput,
  sampling: Sampling,
  signal: AbortSignal,
): AsyncGenerator<SampleBatch> {
  const pause = createPause(output, signal);
  const records = followRecords(output);
  let log: Followed | undefined;
  try {
    for (let hasEnded = false; !hasEnded; ) {
      // Asked before the last read: the other way round, what is written in between would be lost.
      hasEnded = await output.hasEnded();
      const folder = log === undefined ? await findLogFolder(output.dir) : undefined;
      if (folder !== undefined) log = followLog(folder, sampling);
      if (log !== undefined) yield* readOn(log, signal);
      yield* readOn(records, signal);
      if (!hasEnded) await pause();
    }
    yield* log?.end() ?? [];
    yield* records.end();
  } finally {
    log?.tail.close();
    records.tail.close();
  }
}

type Followed = Readonly<{
  tail: Tail;
  push(bytes: Uint8Array): Iterable<SampleBatch>;
  end(): Iterable<SampleBatch>;
}>;

/** Everything available by now; other work gets its turns. */
async function* readOn({ push, tail }: Followed, signal: AbortSignal): AsyncGenerator<SampleBatch> {
  for (let bytes = tail.next(); bytes.length > 0; bytes = tail.next()) {
    yield* push(bytes);
    await turn();
    signal.throwIfAborted();
  }
}

function followRecords({ dir }: EngineOutput): Followed {
  const reader = createRecordReader(recordsFile);
  return { tail: createTail(join(dir, recordsFile)), push: reader.push, end: reader.end };
}

function followLog(folder: string, { requests }: Sampling): Followed {
  const file = 'tsung.log';
  let unreadable: Unreadable | undefined;
  const log = createLogParser({
    withTimings: requests === 'intervals',
    onUnreadable(example) {
      unreadable = {
        type: 'unreadable',
        file,
        example,
        ...unreadable,
        count: (unreadable?.count ?? 0) + 1,
      };
    },
  });

  function* take(intervals: Iterable<SampleBatch>): Generator<SampleBatch> {
    yield* intervals;
    if (unreadable !== undefined) yield unreadable;
    unreadable = undefined;
  }

  return {
    tail: createTail(join(folder, file)),
    push: (bytes) => take(log.push(Buffer.from(bytes).toString('latin1'))),
    end: () => take(log.end()),
  };
}
