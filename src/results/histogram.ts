/** Every duration of one name, to 3 significant digits: an HDR histogram that costs memory only where it has values. */

import { CounterPages } from './counter-pages.ts';

/**
 * Buckets are those of HdrHistogram with a lowest value of 1 µs and 3 significant digits: up to 2,047 µs every microsecond
 * has its own; above, each doubling is divided into 1,024, so a value is known to less than 0.1 %.
 * Longer durations than this are counted in the last bucket; `maxUs` stays exact.
 */
export const longestUs = 3_600_000_000;

const indexes = indexOf(longestUs) + 1;
/** So many buckets have a page of counters together. */
const pageBits = 8;
const pageMask = (1 << pageBits) - 1;

/** What the counters of histograms are kept in, of one or of many. */
export function histogramPages(): CounterPages {
  return new CounterPages(pageBits);
}

/** The bucket of a whole number of microseconds, from 0 to `longestUs`. */
export function indexOf(us: number): number {
  const shift = 21 - Math.clz32(us);
  return shift > 0 ? (shift << 10) + (us >>> shift) : us;
}

/** The smallest value of a bucket, in microseconds. */
export function lowestOf(index: number): number {
  if (index < 2_048) return index;
  const shift = (index >>> 10) - 1;
  return (index - (shift << 10)) * 2 ** shift;
}

/** The largest value of a bucket, in microseconds. */
export function highestOf(index: number): number {
  return lowestOf(index + 1) - 1;
}

/** A class, not a closure, for the sake of `record`, which is called for every sample. */
export class Histogram {
  count = 0;
  sumUs = 0;
  minUs = Number.POSITIVE_INFINITY;
  maxUs = 0;
  readonly #pages: CounterPages;
  readonly #table = new Int32Array((indexes >>> pageBits) + 1);

  constructor(pages = histogramPages()) {
    this.#pages = pages;
  }

  /** Counts one duration and gives its bucket. */
  record(us: number): number {
    const index = us < longestUs ? indexOf((us + 0.5) >>> 0) : indexes - 1;
    this.#pages.increment(this.#pageAt(index >>> pageBits), index & pageMask);
    this.count += 1;
    this.sumUs += us;
    if (us < this.minUs) this.minUs = us;
    if (us > this.maxUs) this.maxUs = us;
    return index;
  }

  /** Adds all that another one has: the same as if it had been recorded here. */
  merge(other: Histogram): void {
    if (other.count === 0) return;
    for (let at = 0; at < other.#table.length; at++) {
      const page = other.#table[at] ?? 0;
      if (page !== 0) this.#pages.add(this.#pageAt(at), other.#pages, page);
    }
    this.count += other.count;
    this.sumUs += other.sumUs;
    this.minUs = Math.min(this.minUs, other.minUs);
    this.maxUs = Math.max(this.maxUs, other.maxUs);
  }

  /**
   * The smallest bucket's highest value that at least `percent` of all durations do not exceed (nearest rank, as HdrHistogram
   * gives it), but never more than the maximum. Several at once, ascending; NaN without any durations.
   */
  percentiles(percents: readonly number[]): number[] {
    const values: number[] = [];
    let seen = 0;
    this.visit((index, count) => {
      seen += count;
      while (values.length < percents.length && seen >= rank(percents[values.length], this.count)) {
        values.push(Math.min(highestOf(index), this.maxUs));
      }
      return values.length < percents.length;
    });
    while (values.length < percents.length) values.push(Number.NaN);
    return values;
  }

  percentile(percent: number): number {
    return this.percentiles([percent])[0] ?? Number.NaN;
  }

  /** Calls back for every bucket that is not empty, ascending, for as long as that gives true. */
  visit(each: (index: number, count: number) => boolean): void {
    for (let at = 0; at < this.#table.length; at++) {
      const page = this.#table[at] ?? 0;
      if (page === 0) continue;
      for (let place = 0; place <= pageMask; place++) {
        const count = this.#pages.countOf(page, place);
        if (count > 0 && !each((at << pageBits) + place, count)) return;
      }
    }
  }

  #pageAt(at: number): number {
    let page = this.#table[at] ?? 0;
    if (page === 0) {
      page = this.#pages.take();
      this.#table[at] = page;
    }
    return page;
  }
}

// The factor keeps 99.9 % of 41,000 at rank 40,959 where floating point would say 40,959.000000000001.
function rank(percent = 100, count = 0): number {
  return Math.max(1, Math.ceil(((percent * count) / 100) * (1 - 1e-12)));
}
