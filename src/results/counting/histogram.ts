/**
 * Every duration of one name, to 3 significant digits: an HDR histogram that uses memory only
 * where it has values.
 */

import { CounterPages } from './counter-pages.ts';

/**
 * Buckets are those of HdrHistogram with a lowest value of 1 µs and 3 significant digits: up to
 * 2,047 µs every microsecond has its own; above, each doubling is divided into 1,024, so a value is
 * known to less than 0.1 %. Longer durations than this are counted in the last bucket; `maxUs`
 * stays exact.
 */
export const longestUs = 3_600_000_000;

const indexes = indexOf(longestUs) + 1;
/** How many buckets share a page of counters. */
const pageBits = 8;
const pageMask = (1 << pageBits) - 1;
const pagesPerHistogram = (indexes >>> pageBits) + 1;

/** Stores the counters of one histogram or of many. */
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

/** Buckets as returned by `record`, and the durations that it counted there. */
type Recorded = Readonly<{
  buckets: Uint16Array;
  sumUs: number;
  minUs: number;
  maxUs: number;
}>;

/** `buckets`: pairs of a bucket and its count. */
type Counted = Readonly<{
  buckets: Uint32Array;
  count: number;
  sumUs: number;
  minUs: number;
  maxUs: number;
}>;

/** A class, not a closure, for the speed of `record`, which is called for every sample. */
export class Histogram {
  count = 0;
  sumUs = 0;
  minUs = Number.POSITIVE_INFINITY;
  maxUs = 0;
  readonly #pages: CounterPages;
  readonly #table = new Int32Array(pagesPerHistogram);
  /**
   * How many durations each page has counted: most pages need not be looked at for a percentile.
   */
  readonly #totals = new Uint32Array(pagesPerHistogram);

  constructor(pages = histogramPages()) {
    this.#pages = pages;
  }

  /** Counts one duration and returns its bucket. */
  record(us: number): number {
    const index = us < longestUs ? indexOf((us + 0.5) >>> 0) : indexes - 1;
    this.#countAt(index);
    this.count += 1;
    this.sumUs += us;
    if (us < this.minUs) this.minUs = us;
    if (us > this.maxUs) this.maxUs = us;
    return index;
  }

  /** Counts many durations whose buckets, in the places `from` to `to`, are known already. */
  recordMany({ buckets, sumUs, minUs, maxUs }: Recorded, from: number, to: number): void {
    for (let place = from; place < to; place++) this.#countAt(buckets[place] ?? 0);
    this.count += to - from;
    this.sumUs += sumUs;
    this.minUs = Math.min(this.minUs, minUs);
    this.maxUs = Math.max(this.maxUs, maxUs);
  }

  /** Counts durations of which only the buckets are known, and the exact sum and limits. */
  addCounted({ buckets, count, sumUs, minUs, maxUs }: Counted): void {
    for (let place = 0; place < buckets.length; place += 2) {
      const index = Math.min(buckets[place] ?? 0, indexes - 1);
      this.#countAt(index, buckets[place + 1] ?? 0);
    }
    this.count += count;
    this.sumUs += sumUs;
    this.minUs = Math.min(this.minUs, minUs);
    this.maxUs = Math.max(this.maxUs, maxUs);
  }

  /**
   * The smallest bucket's highest value that at least `percent` of all durations do not exceed
   * (nearest rank, as HdrHistogram gives it), but never more than the maximum. Several at once,
   * ascending; NaN without any durations.
   */
  percentiles(percents: readonly number[]): number[] {
    const ranks = percents.map((percent) => rankOf(percent, this.count));
    const values: number[] = [];
    let seen = 0;
    for (let at = 0; at < pagesPerHistogram && values.length < ranks.length; at++) {
      const total = this.#totals[at] ?? 0;
      if (total === 0 || seen + total < (ranks[values.length] ?? 0)) {
        seen += total;
        continue;
      }
      this.#pages.visit(this.#table[at] ?? 0, (place, count) => {
        seen += count;
        while (values.length < ranks.length && seen >= (ranks[values.length] ?? 0))
          values.push(Math.min(highestOf((at << pageBits) + place), this.maxUs));
      });
    }
    // Where fewer are in buckets than were counted, the rest may be anything up to the maximum.
    const rest = this.count > 0 ? this.maxUs : Number.NaN;
    while (values.length < percents.length) values.push(rest);
    return values;
  }

  percentile(percent: number): number {
    return this.percentiles([percent])[0] ?? Number.NaN;
  }

  /**
   * The percentile of what is left without `part`, whose durations are all counted here too; NaN
   * where nothing is.
   */
  percentileWithout(part: Histogram, percent: number): number {
    const rank = rankOf(percent, this.count - part.count);
    let seen = 0;
    for (let at = 0; at < pagesPerHistogram; at++) {
      const left = (this.#totals[at] ?? 0) - (part.#totals[at] ?? 0);
      if (left === 0 || seen + left < rank) {
        seen += left;
        continue;
      }
      for (let place = 0; place <= pageMask; place++) {
        seen += this.#countOf(at, place) - part.#countOf(at, place);
        if (seen >= rank) return Math.min(highestOf((at << pageBits) + place), this.maxUs);
      }
    }
    return Number.NaN;
  }

  /** Calls back for every non-empty bucket, in ascending order. */
  visit(each: (index: number, count: number) => void): void {
    for (let at = 0; at < pagesPerHistogram; at++) {
      const page = this.#table[at] ?? 0;
      if (page === 0) continue;
      this.#pages.visit(page, (place, count) => each((at << pageBits) + place, count));
    }
  }

  #countAt(index: number, count = 1): void {
    const at = index >>> pageBits;
    if (count === 1) this.#pages.increment(this.#pageAt(at), index & pageMask);
    else this.#pages.addTo(this.#pageAt(at), index & pageMask, count);
    this.#totals[at] = (this.#totals[at] ?? 0) + count;
  }

  #countOf(at: number, place: number): number {
    const page = this.#table[at] ?? 0;
    return page === 0 ? 0 : this.#pages.countOf(page, place);
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

/**
 * The nearest rank: so many of `count` values are not above the percentile. The factor keeps 99.9 %
 * of 41,000 at rank 40,959 where floating point would say 40,959.000000000001.
 */
export function rankOf(percent: number, count: number): number {
  return Math.max(1, Math.ceil(((percent * count) / 100) * (1 - 1e-12)));
}
