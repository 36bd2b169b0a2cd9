/**
 * The durations of each step of a time axis, more coarsely than for the whole run: percentiles over
 * time in bounded memory.
 */

import type { AxisColumn } from './axis.ts';
import type { CounterPages } from './counter-pages.ts';
import { highestOf, lowestOf, rankOf } from './histogram.ts';

/**
 * Doublings of HdrHistogram's buckets, each of 1,024: a step has a page of counters only for those
 * in which it has values.
 */
const octaves = 23;

/**
 * A page of counters per doubling: with 6 bits, a value in the middle of a counter's range is known
 * to 0.8 % (8 µs below 1 ms), with 5 to 1.6 % (16 µs below 1 ms), that is to 2^-(bits+1).
 */
export class HistogramColumn implements AxisColumn {
  readonly #pages: CounterPages;
  readonly #maxSteps: number;
  /**
   * By doubling, then by step: the page of counters, 0 for none. A doubling without values has no
   * table.
   */
  readonly #tables: (Int32Array | undefined)[] = new Array(octaves).fill(undefined);

  constructor(maxSteps: number, pages: CounterPages) {
    this.#pages = pages;
    this.#maxSteps = maxSteps;
  }

  /** Counts a value, given its bucket in HdrHistogram's numbering. */
  record(step: number, bucket: number): void {
    const pages = this.#pages;
    pages.increment(this.#pageOf(step, bucket), (bucket & 1_023) >>> (10 - pages.bits));
  }

  /** `buckets`: pairs of a bucket and its count. */
  addCounted(step: number, buckets: Uint32Array): void {
    const pages = this.#pages;
    for (let place = 0; place < buckets.length; place += 2) {
      const bucket = Math.min(buckets[place] ?? 0, (octaves << 10) - 1);
      const counter = (bucket & 1_023) >>> (10 - pages.bits);
      pages.addTo(this.#pageOf(step, bucket), counter, buckets[place + 1] ?? 0);
    }
  }

  #pageOf(step: number, bucket: number): number {
    const table = this.#tables[bucket >>> 10] ?? this.#addTable(bucket >>> 10);
    let page = table[step] ?? 0;
    if (page === 0) {
      page = this.#pages.take();
      table[step] = page;
    }
    return page;
  }

  /**
   * By nearest rank, in microseconds, each as the middle of its bucket; several at once, ascending;
   * NaN where there are no values. `count`: of values in the step, or in all steps up to `end`.
   */
  percentiles(step: number, count: number, percents: readonly number[], end = step + 1): number[] {
    const { bits } = this.#pages;
    // First ranks, then their values: for thousands of steps, one array each is enough.
    const values = percents.map((percent) => rankOf(percent, count));
    let found = 0;
    const width = 10 - bits;
    let seen = 0;
    for (let octave = 0; octave < octaves && found < values.length; octave++) {
      const table = this.#tables[octave];
      if (table === undefined || !hasPage(table, step, end)) continue;
      for (let place = 0; place < 1 << bits; place++) {
        seen += this.#countOf(table, place, step, end);
        while (found < values.length && seen >= (values[found] ?? 0)) {
          const bucket = (octave << 10) + (place << width);
          values[found] = (lowestOf(bucket) + highestOf(bucket + (1 << width) - 1)) / 2;
          found += 1;
        }
      }
    }
    return values.fill(Number.NaN, found);
  }

  /** The sum of one counter over the pages from one step to another. */
  #countOf(table: Int32Array, place: number, step: number, end: number): number {
    let count = 0;
    for (let at = step; at < end; at++) {
      const page = table[at] ?? 0;
      if (page !== 0) count += this.#pages.countOf(page, place);
    }
    return count;
  }

  shift(by: number, length: number): void {
    for (const table of this.#tables) {
      table?.copyWithin(by, 0, length);
      table?.fill(0, 0, by);
    }
  }

  halve(odd: number, length: number): void {
    for (const table of this.#tables) {
      if (table !== undefined) this.#halveTable(table, odd, length);
    }
  }

  #halveTable(table: Int32Array, odd: number, length: number): void {
    for (let from = 0; from < length; from++) {
      const to = (from + odd) >> 1;
      const page = table[from] ?? 0;
      if (to === from || page === 0) continue;
      table[from] = 0;
      const there = table[to] ?? 0;
      if (there === 0) table[to] = page;
      else {
        this.#pages.add(there, page);
        this.#pages.giveBack(page);
      }
    }
  }

  #addTable(octave: number): Int32Array {
    const table = new Int32Array(this.#maxSteps);
    this.#tables[octave] = table;
    return table;
  }
}

function hasPage(table: Int32Array, step: number, end: number): boolean {
  for (let at = step; at < end; at++) if (table[at] !== 0) return true;
  return false;
}
