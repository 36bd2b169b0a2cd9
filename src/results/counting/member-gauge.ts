/**
 * A gauge of which each member of a cluster tells its own part: in each step, the sum or the
 * largest of the parts.
 */

import { GaugeColumn, type TimeAxis } from './axis.ts';

export class MemberGauge {
  readonly #axis: TimeAxis;
  /** By member; most runs have one. */
  readonly #parts: (GaugeColumn | undefined)[];

  constructor(axis: TimeAxis, members: number) {
    this.#axis = axis;
    this.#parts = new Array<undefined>(members).fill(undefined);
  }

  add(member: number, step: number, value: number): void {
    this.#parts[member] ??= this.#axis.attach(new GaugeColumn(this.#axis.maxSteps));
    this.#parts[member].add(step, value);
  }

  /**
   * The sum of the parts. `hasNone`: whether the member certainly has none in this step. Null where
   * nobody told one, and where that of a member is not known: a part is not a sum.
   */
  sumAt(step: number, hasNone: (member: number, step: number) => boolean): number | null {
    let sum: number | null = null;
    for (let member = 0; member < this.#parts.length; member++) {
      const part = this.#parts[member]?.at(step) ?? null;
      if (part !== null) sum = (sum ?? 0) + part;
      else if (!hasNone(member, step)) return null;
    }
    return sum;
  }

  /** The largest of the parts that are known. */
  mostAt(step: number): number | null {
    let most: number | null = null;
    for (const part of this.#parts) {
      const value = part?.at(step) ?? null;
      if (value !== null) most = Math.max(most ?? value, value);
    }
    return most;
  }
}
