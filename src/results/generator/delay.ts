/**
 * The generator's own delay during the load, from what its engine measures of itself: how late its
 * timers come.
 */

import type { SecondDelay } from '../../engine/samples.ts';
import { Histogram } from '../counting/histogram.ts';
import type { GeneratorDelay } from '../measurements.ts';
import { inMs } from './delay-words.ts';
import { type Reason, suspect } from './reason.ts';

const limits = {
  /** A longer delay distorts whatever is measured. */
  mostMs: 50,
  /** Of the p95 of the requests: what is measured of them is then no longer the target's alone. */
  share: 0.1,
  /** Below it may be the timers themselves, and the wake-up of an idle machine. */
  floorMs: 1,
  /** So many must be above a limit: a single one is a moment, not a share of the load. */
  fewest: 3,
  /** Ten seconds of them say that the generator was in time. */
  enough: 100,
};

export class DelayWatch {
  readonly #histogram = new Histogram();
  #looks = 0;
  #queueSum = 0;
  #queueMax = 0;

  add(delay: SecondDelay): void {
    this.#histogram.addCounted(delay);
    this.#looks += delay.looks;
    this.#queueSum += delay.queueSum;
    this.#queueMax = Math.max(this.#queueMax, delay.queueMax);
  }

  /** Undefined where nothing was measured. */
  figures(): GeneratorDelay | undefined {
    const { count, sumUs, maxUs } = this.#histogram;
    if (count === 0) return undefined;
    const [p50 = 0, p95 = 0, p99 = 0] = this.#histogram.percentiles([50, 95, 99]);
    return {
      count,
      meanMs: sumUs / count / 1_000,
      p50Ms: p50 / 1_000,
      p95Ms: p95 / 1_000,
      p99Ms: p99 / 1_000,
      maxMs: maxUs / 1_000,
      runQueueMean: this.#queueSum / this.#looks,
      runQueueMax: this.#queueMax,
    };
  }

  /** Whether it is known for long enough to say that the generator was in time. */
  get isKnown(): boolean {
    return this.#histogram.count >= limits.enough;
  }

  /** `p95Ms`: of the requests; absent where that is not known. */
  judge(p95Ms: number | undefined): Reason[] {
    const { count } = this.#histogram;
    if (count < limits.fewest) return [];
    const [p99 = 0] = this.#histogram.percentiles([99]);
    const fewest = this.#histogram.percentile((100 * (count - limits.fewest + 1)) / count);
    const lateMs = Math.min(p99, fewest) / 1_000;
    const own = `the generator's own delay had a p99 of ${inMs(p99 / 1_000)}`;
    if (p95Ms !== undefined && lateMs > Math.max(p95Ms * limits.share, limits.floorMs))
      return [suspect(`${own}, more than a tenth of the requests' p95 (${inMs(p95Ms)})`)];
    if (lateMs <= limits.mostMs) return [];
    const requests = p95Ms === undefined ? '' : `; the requests' p95 was ${inMs(p95Ms)}`;
    return [suspect(`${own}, more than ${limits.mostMs} ms${requests}`)];
  }
}
