/**
 * Kinds of errors: how often, when first and last, where, the first few of each, and how they
 * spread over the run.
 */

import type { ErrorSample, ErrorStats } from '../measurements.ts';
import { NumberColumn, type TimeAxis } from './axis.ts';

const maxKinds = 50;
const maxSamples = 5;
const otherKind = '(other)';
const otherStatus = 'status (other)';

class FirstAndLast {
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;

  seen(firstMs: number, lastMs: number): void {
    if (firstMs < this.firstMs) this.firstMs = firstMs;
    if (lastMs > this.lastMs) this.lastMs = lastMs;
  }
}

/**
 * One error can arrive twice: as a request's sample and in the engine's own count, and either may
 * miss some. So both are kept, and the larger is reported. `isStatus`: not an engine's error but a
 * status of 400 and above, as `status 503`.
 */
class ErrorCounts {
  readonly kind: string;
  readonly isStatus: boolean;
  /** From samples; `requests` of these were (failed) requests. */
  sampled = 0;
  requests = 0;
  /** From the engine. */
  counted = 0;
  /** Exact by samples, to the interval by the engine's count. */
  readonly sampledTime = new FirstAndLast();
  readonly countedTime = new FirstAndLast();
  example: string | undefined;
  /** The first by time, in that order. */
  readonly samples: ErrorSample[] = [];
  /** Only an error before this moment is one of the first. */
  samplesUntilMs = Number.POSITIVE_INFINITY;
  readonly sampledCourse: NumberColumn;
  readonly countedCourse: NumberColumn;

  constructor(kind: string, isStatus: boolean, axis: TimeAxis) {
    this.kind = kind;
    this.isStatus = isStatus;
    this.sampledCourse = axis.attach(new NumberColumn(axis.maxSteps));
    this.countedCourse = axis.attach(new NumberColumn(axis.maxSteps));
  }

  /** For an error before `samplesUntilMs`. `text`: what the engine says of it, or ''. */
  keep(atMs: number, name: string, status: number, text: string): void {
    const later = this.samples.findIndex((sample) => sample.atMs > atMs);
    this.samples.splice(later === -1 ? this.samples.length : later, 0, {
      atMs,
      name,
      ...(status > 0 ? { status } : {}),
      ...(text === '' || text === this.kind ? {} : { reason: text }),
    });
    this.samples.splice(maxSamples);
    this.samplesUntilMs = this.samples[maxSamples - 1]?.atMs ?? Number.POSITIVE_INFINITY;
  }
}

export class Errors {
  readonly #axis: TimeAxis;
  readonly #byKind = new Map<string, ErrorCounts>();

  constructor(axis: TimeAxis) {
    this.#axis = axis;
  }

  of(kind: string): ErrorCounts {
    return this.#of(kind, false);
  }

  ofStatus(status: number): ErrorCounts {
    return this.#of(`status ${status}`, true);
  }

  /** How often each kind occurred, in total and outside failed requests. */
  totals(
    requestsAreSampled: boolean,
  ): Readonly<{ counts: ErrorCounts; count: number; other: number }>[] {
    return [...this.#byKind.values()]
      .map((counts) => {
        const { isStatus, sampled, counted, requests } = counts;
        if (isStatus) return { counts, count: requestsAreSampled ? sampled : counted, other: 0 };
        const count = Math.max(sampled, counted);
        return { counts, count, other: count - requests };
      })
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || (a.counts.kind < b.counts.kind ? -1 : 1));
  }

  stats(requestsAreSampled: boolean): ErrorStats[] {
    return this.totals(requestsAreSampled).map(({ counts, count }) => ({
      kind: counts.kind,
      count,
      ...timesOf(counts, count),
      ...(counts.example === undefined ? {} : { example: counts.example }),
      ...(counts.samples.length === 0 ? {} : { samples: [...counts.samples] }),
    }));
  }

  /** The kinds that the engine counted more often than there are samples. */
  countedByEngine(requestsAreSampled: boolean): string[] {
    return this.totals(requestsAreSampled)
      .filter(({ counts, count }) => count !== counts.sampled)
      .map(({ counts }) => counts.kind);
  }

  courses(
    requestsAreSampled: boolean,
    { from, to }: Readonly<{ from: number; to: number }>,
  ): Record<string, number[]> {
    return Object.fromEntries(
      this.totals(requestsAreSampled).map((told) => {
        const { values } = courseOf(told);
        return [told.counts.kind, Array.from(values.subarray(from, to))];
      }),
    );
  }

  /** The series of each kind. */
  columns(requestsAreSampled: boolean): readonly NumberColumn[] {
    return this.totals(requestsAreSampled).map(courseOf);
  }

  #of(kind: string, isStatus: boolean): ErrorCounts {
    const known = this.#byKind.get(kind);
    if (known !== undefined) return known;
    const other = isStatus ? otherStatus : otherKind;
    if (this.#byKind.size >= maxKinds && kind !== other) return this.#of(other, isStatus);
    const counts = new ErrorCounts(kind, isStatus, this.#axis);
    this.#byKind.set(kind, counts);
    return counts;
  }
}

/** From where the count is taken, so that `firstMs` is the time of the first sample. */
function timesOf(
  { sampled, sampledTime, countedTime }: ErrorCounts,
  count: number,
): Pick<ErrorStats, 'firstMs' | 'lastMs'> {
  const { firstMs, lastMs } = sampledTime;
  if (count === sampled && Number.isFinite(firstMs)) return { firstMs, lastMs };
  const first = Math.min(firstMs, countedTime.firstMs);
  return Number.isFinite(first)
    ? { firstMs: first, lastMs: Math.max(lastMs, countedTime.lastMs) }
    : { firstMs: 0, lastMs: 0 };
}

function courseOf({
  counts,
  count,
}: Readonly<{ counts: ErrorCounts; count: number }>): NumberColumn {
  return count === counts.sampled ? counts.sampledCourse : counts.countedCourse;
}
