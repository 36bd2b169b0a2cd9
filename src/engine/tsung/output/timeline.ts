/**
 * Gives the samples of `tsung-fullstats.log`, which have no time, the time of their interval.
 *
 * tsung.log says how many samples of a name there were up to the end of each interval, so the k-th
 * sample of a name belongs to the first interval whose count reaches k, and is given the middle of
 * that interval's last second as its end. The two files are written at different times: samples of
 * the one that is ahead are held back.
 */

import { otherName, type SampleKind, type Samples } from '../../samples.ts';
import { batchRows, type ColumnBatch, createColumnBatch } from './column-batch.ts';
import { type Mark, timed } from './log-block.ts';
import { maxTableNames } from './name-table.ts';

/** The plan has Tsung write one interval per second. */
const halfIntervalMs = 500;

type Timeline = Readonly<{
  mark(mark: Mark): void;
  /** Collects the durations (ms) of a name; undefined for a kind that is not needed. */
  samplesOf(name: string): ((durationMs: number) => void) | undefined;
  /**
   * Samples whose time is known by now; with `all`, all that are left, with the last known time.
   */
  release(options?: Readonly<{ all: boolean }>): Generator<Samples>;
  /** How many samples and counts wait for their counterparts. */
  waiting(): Readonly<{ samples: number; marks: number }>;
}>;

type PendingSamples = {
  readonly batch: ColumnBatch;
  readonly nameIndex: number;
  readonly sample: (durationMs: number) => void;
  /** Samples released so far, and those that wait, from `head` on. */
  released: number;
  durationsUs: number[];
  head: number;
  marks: Mark[];
  markHead: number;
};

export function createTimeline({
  kinds,
  requestName,
}: Readonly<{ kinds: readonly SampleKind[]; requestName: string }>): Timeline {
  const names: string[] = [];
  const batches = new Map(kinds.map((kind) => [kind, createColumnBatch(kind, names, [''])]));
  const series = new Map<string, PendingSamples>();
  let lastMs = Number.NaN;
  let waitingSamples = 0;
  let waitingMarks = 0;

  function seriesOf(name: string): PendingSamples | undefined {
    const known = series.get(name);
    if (known !== undefined) return known;
    const shown = timed(name);
    const batch = batches.get(shown.kind);
    if (batch === undefined) return undefined;
    if (series.size >= maxTableNames && name !== otherName) return seriesOf(otherName);
    const nameIndex = names.push(shown.kind === 'request' ? requestName : shown.name) - 1;
    const fresh: PendingSamples = {
      batch,
      nameIndex,
      sample(durationMs) {
        fresh.durationsUs.push(Math.round(durationMs * 1000));
        waitingSamples += 1;
      },
      released: 0,
      durationsUs: [],
      head: 0,
      marks: [],
      markHead: 0,
    };
    series.set(name, fresh);
    return fresh;
  }

  function* releaseOf(one: PendingSamples, all: boolean): Generator<Samples> {
    const { batch, nameIndex } = one;
    while (one.head < one.durationsUs.length) {
      const endMs = nextTime(one);
      if (endMs === undefined && !all) break;
      const row = batch.count++;
      batch.name[row] = nameIndex;
      batch.endMs[row] = (endMs ?? lastMs) - halfIntervalMs;
      batch.durationUs[row] = one.durationsUs[one.head] ?? 0;
      batch.ok[row] = 1;
      if (batch.count === batchRows) yield batch.take();
      one.head += 1;
      one.released += 1;
      waitingSamples -= 1;
    }
    compact(one);
  }

  /** The end of the interval of the next sample; undefined while that is not known. */
  function nextTime(one: PendingSamples): number | undefined {
    for (;;) {
      const mark = one.marks[one.markHead];
      if (mark === undefined || mark.total > one.released) return mark?.endMs;
      one.markHead += 1;
      waitingMarks -= 1;
    }
  }

  return {
    mark(mark) {
      lastMs = Math.max(mark.endMs, Number.isNaN(lastMs) ? 0 : lastMs);
      const one = seriesOf(mark.name);
      if (one === undefined) return;
      const last = one.marks.at(-1);
      // Intervals without a new sample say nothing.
      if (mark.total <= (last?.total ?? one.released)) return;
      one.marks.push(mark);
      waitingMarks += 1;
    },
    samplesOf: (name) => seriesOf(name)?.sample,
    *release({ all } = { all: false }) {
      for (const one of series.values()) yield* releaseOf(one, all);
      for (const batch of batches.values()) if (batch.count > 0) yield batch.take();
    },
    waiting: () => ({ samples: waitingSamples, marks: waitingMarks }),
  };
}

/** Frees what has been released, from time to time. */
function compact(one: PendingSamples): void {
  if (one.head === one.durationsUs.length) {
    one.durationsUs = [];
    one.head = 0;
  }
  if (one.markHead > 1_000) {
    one.marks = one.marks.slice(one.markHead);
    one.markHead = 0;
  }
}
