/** The durations of each step of a time axis, more coarsely than a run's: percentiles over time at a bounded price. */

import type { AxisColumn } from './axis.ts';
import { highestOf, lowestOf } from './histogram.ts';

/** Doublings of HdrHistogram's buckets, each of 1,024: a step has a page of counters only for those in which it has values. */
const octaves = 23;

const growth = 1.25;

/**
 * Counters in pages of equal size, shared by many columns. `bits`: 2 to this power per doubling, so that a value in
 * the middle of a bucket is known to 2^-(bits+1): 6 gives 0.8 % (8 µs below 1 ms), 5 gives 1.6 % (16 µs below 1 ms).
 */
export class CounterPages {
  readonly bits: number;
  /** Counts modulo 2^16; page 0 is never handed out: it stands for "none". */
  #data: Uint16Array<ArrayBuffer>;
  /** By place, in units of 2^16: few counters of few steps ever need it. */
  readonly #carried = new Map<number, number>();
  #used = 1;
  readonly #free: number[] = [];

  constructor(bits: 5 | 6) {
    this.bits = bits;
    this.#data = new Uint16Array(64 << bits);
  }

  get bytesUsed(): number {
    return (this.#used - this.#free.length) * (2 << this.bits);
  }

  take(): number {
    const page = this.#free.pop() ?? this.#used++;
    const bytes = (page + 1) * (2 << this.bits);
    const { buffer } = this.#data;
    // The old memory is free at once: a copy by hand would leave it to the garbage collector.
    if (bytes > buffer.byteLength) {
      this.#data = new Uint16Array(buffer.transfer(Math.ceil((bytes * growth) / 2) * 2));
    }
    return page;
  }

  increment(page: number, counter: number): void {
    const place = (page << this.bits) + counter;
    const counted = ((this.#data[place] ?? 0) + 1) & 0xffff;
    this.#data[place] = counted;
    if (counted === 0) this.#carry(place, 1);
  }

  countOf(page: number, counter: number): number {
    const place = (page << this.bits) + counter;
    const carried = this.#carried.size > 0 ? (this.#carried.get(place) ?? 0) : 0;
    return (this.#data[place] ?? 0) + carried * 2 ** 16;
  }

  /** Adds all counters of a page to those of another one, and takes the page back. */
  join(into: number, from: number): void {
    const [to, at] = [into << this.bits, from << this.bits];
    for (let counter = 0; counter < 1 << this.bits; counter++) {
      const sum = (this.#data[to + counter] ?? 0) + (this.#data[at + counter] ?? 0);
      this.#data[to + counter] = sum & 0xffff;
      const carried = (this.#carried.get(at + counter) ?? 0) + (sum > 0xffff ? 1 : 0);
      if (carried > 0) this.#carry(to + counter, carried);
      this.#carried.delete(at + counter);
    }
    this.#data.fill(0, at, at + (1 << this.bits));
    this.#free.push(from);
  }

  #carry(place: number, count: number): void {
    this.#carried.set(place, (this.#carried.get(place) ?? 0) + count);
  }
}

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
        else this.#pages.join(there, page);
      }
    }
  }
}
