/** Every duration of one name, to 3 significant digits: an HDR histogram that costs memory only where it has values. */

/**
 * Buckets are those of HdrHistogram with a lowest value of 1 µs and 3 significant digits: up to 2,047 µs every microsecond
 * has its own; above, each doubling is divided into 1,024, so a value is known to less than 0.1 %.
 * Longer durations than this are counted in the last bucket; `maxUs` stays exact.
 */
export const longestUs = 3_600_000_000;

const indexes = indexOf(longestUs) + 1;
const groupBits = 8;
const groupSize = 1 << groupBits;

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

/** A histogram as JSON: `buckets` is index, count, index, count, … with each index as the distance from the one before. */
export type HistogramJson = Readonly<{
  minUs: number;
  maxUs: number;
  sumUs: number;
  buckets: readonly number[];
}>;

/** A class, not a closure, for the sake of `record`, which is called for every sample. */
export class Histogram {
  count = 0;
  sumUs = 0;
  minUs = Number.POSITIVE_INFINITY;
  maxUs = 0;
  /** Counts modulo 2^16: few buckets of few names ever hold more, and those say so in `#carried`, by index, in units of 2^16. */
  readonly #groups: (Uint16Array | undefined)[] = new Array(Math.ceil(indexes / groupSize)).fill(
    undefined,
  );
  readonly #carried = new Map<number, number>();

  /** Counts one duration and gives its bucket. */
  record(us: number): number {
    const index = us < longestUs ? indexOf((us + 0.5) >>> 0) : indexes - 1;
    const group = this.#groups[index >>> groupBits] ?? this.#addGroup(index >>> groupBits);
    const place = index & (groupSize - 1);
    const counted = ((group[place] ?? 0) + 1) & 0xffff;
    group[place] = counted;
    if (counted === 0) this.#carry(index, 1);
    this.count += 1;
    this.sumUs += us;
    if (us < this.minUs) this.minUs = us;
    if (us > this.maxUs) this.maxUs = us;
    return index;
  }

  /** Adds all that another one has: the same as if it had been recorded here. */
  merge(other: Histogram): void {
    if (other.count === 0) return;
    other.#groups.forEach((from, at) => {
      if (from === undefined) return;
      const to = this.#groups[at] ?? this.#addGroup(at);
      for (let place = 0; place < groupSize; place++) {
        const sum = (to[place] ?? 0) + (from[place] ?? 0);
        to[place] = sum & 0xffff;
        if (sum > 0xffff) this.#carry((at << groupBits) + place, 1);
      }
    });
    for (const [index, count] of other.#carried) this.#carry(index, count);
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
    for (let at = 0; at < this.#groups.length; at++) {
      const group = this.#groups[at];
      if (group === undefined) continue;
      for (let place = 0; place < groupSize; place++) {
        const index = (at << groupBits) + place;
        const carried = this.#carried.size > 0 ? (this.#carried.get(index) ?? 0) : 0;
        const count = (group[place] ?? 0) + carried * 2 ** 16;
        if (count > 0 && !each(index, count)) return;
      }
    }
  }

  toJSON(): HistogramJson {
    const buckets: number[] = [];
    let previous = 0;
    this.visit((index, count) => {
      buckets.push(index - previous, count);
      previous = index;
      return true;
    });
    const { minUs, maxUs, sumUs } = this;
    return { minUs: this.count === 0 ? 0 : minUs, maxUs, sumUs, buckets };
  }

  static fromJSON({ minUs, maxUs, sumUs, buckets }: HistogramJson): Histogram {
    const histogram = new Histogram();
    let index = 0;
    for (let at = 0; at + 1 < buckets.length; at += 2) {
      const count = buckets[at + 1] ?? 0;
      index += buckets[at] ?? 0;
      if (!(index >= 0 && index < indexes && count > 0)) continue;
      const group =
        histogram.#groups[index >>> groupBits] ?? histogram.#addGroup(index >>> groupBits);
      group[index & (groupSize - 1)] = count % 2 ** 16;
      if (count >= 2 ** 16) histogram.#carry(index, Math.floor(count / 2 ** 16));
      histogram.count += count;
    }
    if (histogram.count === 0) return histogram;
    return Object.assign(histogram, { minUs, maxUs, sumUs });
  }

  #carry(index: number, count: number): void {
    this.#carried.set(index, (this.#carried.get(index) ?? 0) + count);
  }

  #addGroup(at: number): Uint16Array {
    const group = new Uint16Array(groupSize);
    this.#groups[at] = group;
    return group;
  }
}

// The factor keeps 99.9 % of 41,000 at rank 40,959 where floating point would say 40,959.000000000001.
function rank(percent = 100, count = 0): number {
  return Math.max(1, Math.ceil(((percent * count) / 100) * (1 - 1e-12)));
}
