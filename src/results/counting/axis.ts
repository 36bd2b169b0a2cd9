/** A time axis of bounded length: equal steps that double when there would be too many. */

/** Holds a value per step, and is updated when the axis changes. */
export type AxisColumn = Readonly<{
  /** Moves the first `length` values right by `by`; the freed places are empty. */
  shift(by: number, length: number): void;
  /** Value `i` goes to `(i + odd) >> 1`, joined with what is there. */
  halve(odd: number, length: number): void;
}>;

/**
 * Step `i` covers `[(first + i) * stepMs, (first + i + 1) * stepMs)` of Unix time: steps of all
 * axes with one `stepMs` begin at the same moments, and two neighbours of one axis are exactly one
 * step of an axis twice as coarse.
 */
export class TimeAxis {
  stepMs: number;
  first = 0;
  length = 0;
  /** The first step that may have changed since this was last set to `length`. */
  changedFrom = 0;
  readonly maxSteps: number;
  readonly #columns: AxisColumn[] = [];

  constructor({ stepMs, maxSteps }: Readonly<{ stepMs: number; maxSteps: number }>) {
    this.stepMs = stepMs;
    this.maxSteps = maxSteps;
  }

  attach<Column extends AxisColumn>(column: Column): Column {
    this.#columns.push(column);
    return column;
  }

  get startMs(): number {
    return this.first * this.stepMs;
  }

  /** The Unix time at which step `index` begins. */
  startOf(index: number): number {
    return (this.first + index) * this.stepMs;
  }

  /**
   * The step of a moment; the axis grows to it, to either side. The caller keeps absurd moments
   * away.
   */
  indexOf(ms: number): number {
    const index = this.#grow(ms);
    if (index < this.changedFrom) this.changedFrom = index;
    return index;
  }

  /** Makes steps twice as long. */
  coarsen(): void {
    const odd = Math.abs(this.first % 2);
    for (const column of this.#columns) column.halve(odd, this.length);
    this.length = (this.length + odd + 1) >> 1;
    this.first = Math.floor(this.first / 2);
    this.stepMs *= 2;
    this.changedFrom = 0;
  }

  #grow(ms: number): number {
    let step = Math.floor(ms / this.stepMs);
    if (this.length === 0) {
      this.first = step;
      this.length = 1;
      return 0;
    }
    if (step >= this.first && step < this.first + this.length) return step - this.first;
    while (this.#spanWith(step) > this.maxSteps) {
      this.coarsen();
      step = Math.floor(ms / this.stepMs);
    }
    const left = this.first - step;
    if (left > 0) {
      for (const column of this.#columns) column.shift(left, this.length);
      this.first = step;
      this.length += left;
      this.changedFrom = 0;
      return 0;
    }
    this.length = Math.max(this.length, step - this.first + 1);
    return step - this.first;
  }

  #spanWith(step: number): number {
    return Math.max(this.first + this.length, step + 1) - Math.min(this.first, step);
  }
}

/** A number per step; joined steps become their sum, or the larger of the two. */
export class NumberColumn implements AxisColumn {
  readonly values: Float64Array;
  readonly #join: 'sum' | 'max';

  constructor(maxSteps: number, join: 'sum' | 'max' = 'sum') {
    this.values = new Float64Array(maxSteps);
    this.#join = join;
  }

  add(index: number, value: number): void {
    this.values[index] = (this.values[index] ?? 0) + value;
  }

  raise(index: number, value: number): void {
    this.values[index] = Math.max(this.values[index] ?? 0, value);
  }

  shift(by: number, length: number): void {
    this.values.copyWithin(by, 0, length);
    this.values.fill(0, 0, by);
  }

  halve(odd: number, length: number): void {
    const { values } = this;
    for (let from = 0; from < length; from++) {
      const to = (from + odd) >> 1;
      if (to === from) continue;
      const value = values[from] ?? 0;
      values[from] = 0;
      const there = values[to] ?? 0;
      values[to] = this.#join === 'sum' ? there + value : Math.max(there, value);
    }
  }
}

/** The mean of the values in a step, or nothing. */
export class GaugeColumn implements AxisColumn {
  readonly #sum: NumberColumn;
  readonly #seen: NumberColumn;

  constructor(maxSteps: number) {
    this.#sum = new NumberColumn(maxSteps);
    this.#seen = new NumberColumn(maxSteps);
  }

  /** `value`: or the sum of `count` values. */
  add(index: number, value: number, count = 1): void {
    this.#sum.add(index, value);
    this.#seen.add(index, count);
  }

  at(index: number): number | null {
    const seen = this.#seen.values[index] ?? 0;
    return seen === 0 ? null : (this.#sum.values[index] ?? 0) / seen;
  }

  sumAt(index: number): number | null {
    return (this.#seen.values[index] ?? 0) === 0 ? null : (this.#sum.values[index] ?? 0);
  }

  shift(by: number, length: number): void {
    this.#sum.shift(by, length);
    this.#seen.shift(by, length);
  }

  halve(odd: number, length: number): void {
    this.#sum.halve(odd, length);
    this.#seen.halve(odd, length);
  }
}
