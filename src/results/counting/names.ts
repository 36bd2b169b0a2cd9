/**
 * Counts for each name: its histogram, its failures, and a coarse series of its own.
 */

import { otherName, type SampleKind, type Total } from '../../engine/samples.ts';
import type { NameSeries } from '../measurements.ts';
import { NumberColumn, TimeAxis } from './axis.ts';
import { CounterPages } from './counter-pages.ts';
import { Histogram, histogramPages } from './histogram.ts';
import { HistogramColumn } from './step-histograms.ts';
import { milliseconds, rounded } from './units.ts';

export const maxNames = 1_000;

const maxSteps = 120;
/** When the series of all names take more than this, their steps get longer. */
const maxPageBytes = 6 * 1024 ** 2;

type Course = Readonly<{ count: NumberColumn; failed: NumberColumn; durations: HistogramColumn }>;

/** What all names share. */
type Shared = Readonly<{ axis: TimeAxis; pages: CounterPages; coursePages: CounterPages }>;

export class NameCounts {
  readonly kind: SampleKind;
  readonly name: string;
  readonly histogram: Histogram;
  failed = 0;
  /** The durations of those that failed; most names have none. */
  failures: Histogram | undefined;
  /** Whether it is known which of them failed; always so for requests. */
  tellsFailures = false;
  bytes = 0;
  readonly course: Course;
  /** The engine's own counts, for kinds without samples. */
  timed = { count: 0, sumUs: 0, minUs: Number.POSITIVE_INFINITY, maxUs: 0 };
  readonly timedCourse: NumberColumn;
  readonly #statuses = new Map<number, number>();
  #lastStatus = 0;
  #lastStatusCount = 0;
  readonly #pages: CounterPages;

  constructor(kind: SampleKind, name: string, { axis, pages, coursePages }: Shared) {
    this.kind = kind;
    this.name = name;
    this.#pages = pages;
    this.histogram = new Histogram(pages);
    this.course = {
      count: axis.attach(new NumberColumn(maxSteps)),
      failed: axis.attach(new NumberColumn(maxSteps)),
      durations: axis.attach(new HistogramColumn(maxSteps, coursePages)),
    };
    this.timedCourse = axis.attach(new NumberColumn(maxSteps));
  }

  /** Most samples have the same status as the one before: only a change needs a look-up. */
  countStatus(status: number, count = 1): void {
    if (status === this.#lastStatus) {
      this.#lastStatusCount += count;
      return;
    }
    this.#keepStatus();
    this.#lastStatus = status;
    this.#lastStatusCount = count;
  }

  /** Counts what an engine has counted already; `step` is negative where the time is not known. */
  addTotal(total: Total, failed: boolean, step: number): void {
    const { count, buckets } = total;
    this.histogram.addCounted(total);
    this.countStatus(total.status, count);
    this.bytes += total.bytes;
    if (failed) {
      this.failed += count;
      this.failures ??= new Histogram(this.#pages);
      this.failures.addCounted(total);
    }
    if (step < 0) return;
    this.course.count.add(step, count);
    if (failed) this.course.failed.add(step, count);
    this.course.durations.addCounted(step, buckets);
  }

  countFailure(us: number): void {
    this.failed += 1;
    this.failures ??= new Histogram(this.#pages);
    this.failures.record(us);
  }

  countInStep(step: number, bucket: number, failed: boolean): void {
    const { count, durations } = this.course;
    count.values[step] = (count.values[step] ?? 0) + 1;
    if (failed) this.course.failed.add(step, 1);
    durations.record(step, bucket);
  }

  /** Count by status; 0, which is "none", is left out. */
  statuses(): ReadonlyMap<number, number> {
    this.#keepStatus();
    this.#lastStatusCount = 0;
    return this.#statuses;
  }

  #keepStatus(): void {
    const status = this.#lastStatus;
    if (status === 0 || this.#lastStatusCount === 0) return;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + this.#lastStatusCount);
  }
}

/** All names of a run: at most `maxNames` of a kind, then `(other)`. */
export class Names {
  readonly axis = new TimeAxis({ stepMs: 1_000, maxSteps });
  readonly all: NameCounts[] = [];
  readonly #pages = histogramPages();
  readonly #coursePages = new CounterPages(5);
  readonly #byName: Record<SampleKind, Map<string, NameCounts>> = {
    request: new Map(),
    transaction: new Map(),
    page: new Map(),
    connect: new Map(),
  };

  of(kind: SampleKind, name: string): NameCounts {
    const byName = this.#byName[kind];
    const known = byName.get(name);
    if (known !== undefined) return known;
    if (byName.size >= maxNames && name !== otherName) return this.of(kind, otherName);
    const [axis, pages, coursePages] = [this.axis, this.#pages, this.#coursePages];
    const counts = new NameCounts(kind, name, { axis, pages, coursePages });
    byName.set(name, counts);
    this.all.push(counts);
    return counts;
  }

  find(kind: SampleKind, name: string): NameCounts | undefined {
    return this.#byName[kind].get(name);
  }

  hasOther(kind: SampleKind): boolean {
    return this.#byName[kind].size > maxNames;
  }

  /** Called from time to time: lengthens the steps when many names take too much memory. */
  boundMemory(): void {
    while (this.#coursePages.bytesUsed > maxPageBytes && this.axis.length > 2) this.axis.coarsen();
  }

  /** `sampled`: whether by samples or by the engine's own count. `length`: of the course. */
  courseOf(
    { course, timedCourse }: NameCounts,
    { sampled, length }: Readonly<{ sampled: boolean; length: number }>,
  ): NameSeries {
    const { startMs, stepMs } = this.axis;
    const count = Array.from((sampled ? course.count : timedCourse).values.subarray(0, length));
    // Pushed one by one, numbers stay what V8 keeps in 8 bytes each, and not in 24.
    const p50Ms: (number | null)[] = [];
    const p95Ms: (number | null)[] = [];
    for (let step = 0; step < length; step++) {
      const values = sampled ? course.durations.percentiles(step, count[step] ?? 0, [50, 95]) : [];
      p50Ms.push(rounded(milliseconds(values[0])));
      p95Ms.push(rounded(milliseconds(values[1])));
    }
    const failed = Array.from(course.failed.values.subarray(0, length));
    return { startMs, stepMs, count, failed, p50Ms, p95Ms };
  }
}
