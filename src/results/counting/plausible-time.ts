/**
 * Decides which times can belong to a load, so that a broken clock or a misread column does not
 * stretch the time axis over decades.
 */

const dayMs = 86_400_000;
/** 2001 and 2096: a number outside is not a load test's Unix time in milliseconds. */
const absurd = { before: 1e12, after: 4e12 };

/**
 * Learns from the first times it is given; from then on it accepts times at most a day before
 * these, or a day after the latest.
 */
export class LoadTime {
  #earliest = Number.NaN;
  #latest = Number.NaN;

  /** The latest time accepted so far; NaN before the first. */
  get latestMs(): number {
    return this.#latest;
  }

  /**
   * Shown before anything is admitted; their median counts, so that one bad moment does no harm.
   */
  learn(moments: Float64Array): void {
    if (!Number.isNaN(this.#latest)) return;
    const sane = moments.filter((ms) => ms > absurd.before && ms < absurd.after).sort();
    const median = sane[sane.length >> 1];
    if (median === undefined) return;
    this.#earliest = median - dayMs;
    this.#latest = median;
  }

  /** For times that come one by one. */
  admitsOrLearns(ms: number): boolean {
    this.learn(Float64Array.of(ms));
    return this.admits(ms);
  }

  admits(ms: number): boolean {
    if (!(ms >= this.#earliest && ms <= this.#latest + dayMs)) return false;
    if (ms > this.#latest) this.#latest = ms;
    return true;
  }
}
