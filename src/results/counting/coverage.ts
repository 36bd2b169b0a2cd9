/** How far a run is measured while it goes on: its newest steps are not whole yet. */

import type { TimeAxis } from './axis.ts';

/** Samples and intervals are at most so much later than the newest of all; then there were none. */
const lateMs = 3_000;

/** Intervals are not cut at whole seconds: their ends count for the nearest. */
const nearestMs = 500;

/** Times up to which there is something: by the samples, by the engine's intervals, by anything. */
export class Coverage {
  #samplesMs = Number.NEGATIVE_INFINITY;
  #intervalsMs = Number.NEGATIVE_INFINITY;
  #newestMs = Number.NEGATIVE_INFINITY;

  addSamples(untilMs: number): void {
    this.#samplesMs = Math.max(this.#samplesMs, untilMs);
    this.addAny(untilMs);
  }

  addInterval(untilMs: number): void {
    this.#intervalsMs = Math.max(this.#intervalsMs, untilMs + nearestMs);
    this.addAny(untilMs);
  }

  addAny(untilMs: number): void {
    this.#newestMs = Math.max(this.#newestMs, untilMs);
  }

  /** How many steps of the axis are whole, where all of these are needed. */
  wholeSteps(
    { first, length, stepMs }: Pick<TimeAxis, 'first' | 'length' | 'stepMs'>,
    needed: readonly ('samples' | 'intervals')[],
  ): number {
    const times = needed.map((of) => (of === 'samples' ? this.#samplesMs : this.#intervalsMs));
    const untilMs = Math.max(Math.min(...times), this.#newestMs - lateMs);
    if (!Number.isFinite(untilMs)) return 0;
    return Math.min(Math.max(Math.floor(untilMs / stepMs) - first, 0), length);
  }
}
