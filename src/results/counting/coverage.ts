/** How far a run is measured while it goes on: its newest steps are not whole yet. */

import type { TimeAxis } from './axis.ts';

/**
 * Samples and intervals are at most so much later than the newest of all; then there were none.
 * Those of a cluster come over a network first: `others`.
 */
const lateMs = { own: 3_000, others: 6_000 };

/** A member of which nothing came for so long fires nothing any more, as far as anybody knows. */
const silentMs = 30_000;

/** Intervals are not cut at whole seconds: their ends count for the nearest. */
const nearestMs = 500;

/** Times up to which there is something of a member. `isOver`: nothing more of it will come. */
type Covered = { samplesMs: number; intervalsMs: number; isOver: boolean };

/**
 * Times up to which there is something: by the samples, by the engine's intervals, by anything.
 * Of a cluster, only what every member has told is whole.
 */
export class Coverage {
  readonly #members: readonly Covered[];
  #newestMs = Number.NEGATIVE_INFINITY;

  constructor(members: number) {
    const nothing = Number.NEGATIVE_INFINITY;
    this.#members = Array.from({ length: members }, () => ({
      samplesMs: nothing,
      intervalsMs: nothing,
      isOver: false,
    }));
  }

  addSamples(untilMs: number, member: number): void {
    const covered = this.#members[member];
    if (covered !== undefined) covered.samplesMs = Math.max(covered.samplesMs, untilMs);
    this.addAny(untilMs);
  }

  addInterval(untilMs: number, member: number): void {
    const covered = this.#members[member];
    if (covered !== undefined)
      covered.intervalsMs = Math.max(covered.intervalsMs, untilMs + nearestMs);
    this.addAny(untilMs);
  }

  addAny(untilMs: number): void {
    this.#newestMs = Math.max(this.#newestMs, untilMs);
  }

  /** Nothing more of this member will come. */
  end(member: number): void {
    const covered = this.#members[member];
    if (covered !== undefined) covered.isOver = true;
  }

  /** Whether it has told nothing for long, while others have. */
  isSilent(member: number): boolean {
    const covered = this.#members[member];
    return covered !== undefined && this.#isSilent(covered);
  }

  #isSilent({ samplesMs, intervalsMs }: Covered): boolean {
    return this.#newestMs - Math.max(samplesMs, intervalsMs) > silentMs;
  }

  /** How many steps of the axis are whole, where all of these are needed. */
  wholeSteps(
    { first, length, stepMs }: Pick<TimeAxis, 'first' | 'length' | 'stepMs'>,
    needed: readonly ('samples' | 'intervals')[],
  ): number {
    const late = this.#members.length > 1 ? lateMs.others : lateMs.own;
    const untilMs = Math.max(this.#knownMs(needed), this.#newestMs - late);
    if (untilMs === Number.NEGATIVE_INFINITY) return 0;
    return Math.min(Math.max(Math.floor(untilMs / stepMs) - first, 0), length);
  }

  #knownMs(needed: readonly ('samples' | 'intervals')[]): number {
    let untilMs = Number.POSITIVE_INFINITY;
    const open = this.#members.filter(
      (covered) => !covered.isOver && (this.#members.length === 1 || !this.#isSilent(covered)),
    );
    for (const { samplesMs, intervalsMs } of open) {
      if (needed.includes('samples')) untilMs = Math.min(untilMs, samplesMs);
      if (needed.includes('intervals')) untilMs = Math.min(untilMs, intervalsMs);
    }
    return untilMs;
  }
}
