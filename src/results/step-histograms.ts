/** The durations of each step of a time axis, more coarsely than a run's: percentiles over time at a bounded price. */

import type { AxisColumn } from './axis.ts';
import type { CounterPages } from './counter-pages.ts';
import { highestOf, lowestOf } from './histogram.ts';

/** Doublings of HdrHistogram's buckets, each of 1,024: a step has a page of counters only for those in which it has values. */
const octaves = 23;

/**
 * A page of counters per doubling: with 6 bits, a value in the middle of a counter's range is known to 0.8 % (8 µs below 1 ms),
 * with 5 to 1.6 % (16 µs below 1 ms), that is to 2^-(bits+1).
 */
export class HistogramColumn implements AxisColumn {
  readonly #pages: CounterPages;
  readonly #table: Int32Array;

  constructor(maxSteps: number, pages: CounterPages) {
    this.#pages = pages;
    this.#table = new Int32Array(maxSteps * octaves);
  }

  /** Counts a value by its bucket in HdrHistogram's numbering. */
  record(step: number, bucket: number): void {
    const pages = this.#pages;
    const cell = step * octaves + (bucket >>> 10);
    let page = this.#table[cell] ?? 0;
    if (page === 0) {
      page = pages.take();
      this.#table[cell] = page;
    }
    pages.increment(page, (bucket & 1_023) >>> (10 - pages.bits));
  }

  /**
   * By nearest rank, in microseconds, each as the middle of its bucket; several at once, ascending. `count`: of values in the step,
   * or in all steps up to `end`.
   */
  percentiles(step: number, count: number, percents: readonly number[], end = step + 1): number[] {
    const { bits } = this.#pages;
    const values: number[] = [];
    const width = 10 - bits;
    let seen = 0;
    for (let octave = 0; octave < octaves && values.length < percents.length; octave++) {
      const pages = this.#pagesOf(octave, step, end);
      if (pages.length === 0) continue;
      for (let place = 0; place < 1 << bits; place++) {
        for (const page of pages) seen += this.#pages.countOf(page, place);
        while (
          values.length < percents.length &&
          seen * 100 >= (percents[values.length] ?? 0) * count
        ) {
          const bucket = (octave << 10) + (place << width);
          values.push((lowestOf(bucket) + highestOf(bucket + (1 << width) - 1)) / 2);
        }
      }
    }
    return values;
  }

  #pagesOf(octave: number, step: number, end: number): readonly number[] {
    const pages: number[] = [];
    for (let at = step; at < end; at++) {
      const page = this.#table[at * octaves + octave] ?? 0;
      if (page !== 0) pages.push(page);
    }
    return pages;
  }

  shift(by: number, length: number): void {
    this.#table.copyWithin(by * octaves, 0, length * octaves);
    this.#table.fill(0, 0, by * octaves);
  }

  halve(odd: number, length: number): void {
    const table = this.#table;
    for (let from = 0; from < length; from++) {
      const to = (from + odd) >> 1;
      if (to === from) continue;
      for (let octave = 0; octave < octaves; octave++) {
        const page = table[from * octaves + octave] ?? 0;
        if (page === 0) continue;
        table[from * octaves + octave] = 0;
        const there = table[to * octaves + octave] ?? 0;
        if (there === 0) table[to * octaves + octave] = page;
        else {
          this.#pages.add(there, this.#pages, page);
          this.#pages.giveBack(page);
        }
      }
    }
  }
}
