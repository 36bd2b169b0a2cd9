/**
 * All counts of a run. The loop over samples is the hot path of the whole agent.
 */

import type { Interval, SampleKind, Samples, Unreadable } from '../../engine/samples.ts';
import { Errors } from './errors.ts';
import { Histogram } from './histogram.ts';
import { type NameCounts, Names } from './names.ts';
import { LoadTime } from './plausible-time.ts';
import { RunSeries } from './series.ts';
import { extend, nothingYet } from './stretch.ts';

const maxUnreadableFiles = 20;

type KnownCounts<Key extends string> = Record<Key, number | undefined>;
const untold = { started: undefined, finished: undefined };

function increased(sum: number | undefined, by: number | undefined): number | undefined {
  return by === undefined ? sum : (sum ?? 0) + by;
}

export class Counts {
  readonly names = new Names();
  /** All requests, whatever their names. */
  readonly requests = new Histogram();
  /** Of these, those that failed. */
  failedRequests: Histogram | undefined;
  readonly series: RunSeries;
  readonly errors: Errors;
  readonly time = new LoadTime();
  readonly unreadable = new Map<string, { count: number; example: string }>();
  /**
   * From the first start to the last end: of requests; of all samples; by the engine's intervals.
   */
  readonly load = { requests: nothingYet(), samples: nothingYet(), intervals: nothingYet() };
  /**
   * By the engine's intervals; undefined if it has not reported it yet, or does not count it.
   * `peak`: of one member, the largest of all.
   */
  readonly users: KnownCounts<'started' | 'finished'> & { peak: number } = { ...untold, peak: 0 };
  readonly bytes: KnownCounts<'received' | 'sent'> = { received: undefined, sent: undefined };
  requestsByEngine = 0;
  oneWay = 0;
  /** Requests that had no answer yet when the load ended. */
  inFlight = 0;
  readonly statuses = new Map<number, number>();
  /** Whether the engine has ended and everything has been read. */
  isOver = false;
  /** Samples and intervals with an impossible time. They count, but are not in the series. */
  timeless = 0;
  readonly members: number;
  /** For the batch that is being counted, by row. */
  #buckets = new Uint16Array(0);
  readonly #tables = new WeakMap<readonly string[], Partial<Record<SampleKind, KnownNames>>>();

  /** `members`: how many generators the load comes from. */
  constructor(members = 1) {
    this.members = members;
    this.series = new RunSeries(members);
    this.errors = new Errors(this.series.axis);
  }

  /**
   * Rows come nearly in order of time, so neighbours mostly belong to the same step: they are
   * counted in stretches.
   */
  addSamples(samples: Samples, member = 0): void {
    const { count, endMs } = samples;
    this.time.learn(endMs.subarray(0, count));
    if (this.#buckets.length < count) this.#buckets = new Uint16Array(count);
    for (let row = 0; row < count; ) {
      const place = this.#placeOf(endMs[row] ?? Number.NaN);
      let end = row + 1;
      while (end < count && isWithin(endMs[end], place)) end += 1;
      const endedMs = this.#addStretch(samples, row, end, place);
      if (place.step >= 0) this.series.coverage.addSamples(endedMs, member);
      row = end;
    }
    this.names.boundMemory();
  }

  addInterval(interval: Interval, member = 0): void {
    const { users = 0, usersPeak = 0, statuses, errors, timings, oneWay = 0 } = interval;
    this.users.started = increased(this.users.started, interval.usersStarted);
    this.users.finished = increased(this.users.finished, interval.usersFinished);
    this.users.peak = Math.max(this.users.peak, users, usersPeak);
    this.bytes.received = increased(this.bytes.received, interval.bytesReceived);
    this.bytes.sent = increased(this.bytes.sent, interval.bytesSent);
    const requests = requestsIn(interval);
    this.requestsByEngine += requests;
    this.oneWay += oneWay;
    let failed = 0;
    for (const [text, count] of Object.entries(statuses)) {
      const status = Number(text);
      this.statuses.set(status, (this.statuses.get(status) ?? 0) + count);
      if (status >= 400) failed += count;
    }
    const timely = this.time.admitsOrLearns(interval.endMs);
    if (timely) this.series.addInterval(interval, { requests, failed, member });
    else this.timeless += 1;
    this.#addTimings(interval, timely);
    for (const [kind, count] of Object.entries(errors)) {
      this.#countEngineErrors(this.errors.of(kind), count, interval, timely);
    }
    for (const [text, count] of Object.entries(statuses)) {
      if (Number(text) < 400) continue;
      this.#countEngineErrors(this.errors.ofStatus(Number(text)), count, interval, timely);
    }
    const isActive = (interval.usersStarted ?? 0) > 0 || users > 0 || timings.length > 0;
    if (!timely || !isActive) return;
    extend(this.load.intervals, interval.endMs - interval.stepMs, interval.endMs);
  }

  /** The most users at once: those of several members are not at their peaks together. */
  usersPeak(): number {
    const { peak } = this.users;
    return this.members > 1 ? Math.max(peak, this.series.usersPeak()) : peak;
  }

  addUnreadable({ file, count, example }: Unreadable): void {
    const known = this.unreadable.get(file);
    if (known !== undefined) known.count += count;
    else if (this.unreadable.size < maxUnreadableFiles)
      this.unreadable.set(file, { count, example });
  }

  #placeOf(ms: number): Place {
    if (!this.time.admits(ms)) {
      if (!Number.isNaN(ms)) this.timeless += 1;
      return nowhere;
    }
    const run = this.series.axis;
    const names = this.names.axis;
    const step = run.indexOf(ms);
    const nameStep = names.indexOf(ms);
    return {
      step,
      nameStep,
      fromMs: Math.max(run.startOf(step), names.startOf(nameStep)),
      toMs: Math.min(run.startOf(step + 1), names.startOf(nameStep + 1)),
    };
  }

  /** Returns the end of the last one. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one pass over millions of samples
  #addStretch(samples: Samples, start: number, end: number, { step, nameStep }: Place): number {
    const { kind, durationUs, endMs, ok, status, bytes } = samples;
    const known = this.#knownNames(samples.names, kind);
    const buckets = this.#buckets;
    const durations = kind === 'request' && step >= 0 ? this.series.durations : undefined;
    let { startedMs, endedMs } = nothingYet();
    let [failures, sumUs, minUs, maxUs, size] = [0, 0, Number.POSITIVE_INFINITY, 0, 0];
    for (let row = start; row < end; row++) {
      const nameIndex = samples.name[row] ?? 0;
      const name = known[nameIndex] ?? this.#learnName(kind, samples.names, known, nameIndex);
      const us = Math.max(durationUs[row] || 0, 0);
      const bucket = name.histogram.record(us);
      buckets[row] = bucket;
      sumUs += us;
      minUs = Math.min(minUs, us);
      maxUs = Math.max(maxUs, us);
      const code = status[row] ?? 0;
      name.countStatus(code);
      name.bytes += bytes[row] ?? 0;
      const failed = ok[row] === 0 || code >= 400;
      if (failed) {
        failures += 1;
        name.countFailure(us);
        if (kind === 'request') {
          this.failedRequests ??= new Histogram();
          this.failedRequests.record(us);
        }
        this.#countError(samples, row, step, name.name);
      }
      if (step < 0) continue;
      const ms = endMs[row] ?? 0;
      endedMs = Math.max(endedMs, ms);
      startedMs = Math.min(startedMs, ms - us / 1_000);
      name.countInStep(nameStep, bucket, failed);
      durations?.record(step, bucket);
      size += bytes[row] ?? 0;
    }
    if (kind === 'request') this.requests.recordMany({ buckets, sumUs, minUs, maxUs }, start, end);
    if (step < 0) return endedMs;
    extend(this.load.samples, startedMs, endedMs);
    if (kind !== 'request') return endedMs;
    extend(this.load.requests, startedMs, endedMs);
    const { series } = this;
    series.requests.add(step, end - start);
    series.failed.add(step, failures);
    series.sumUs.add(step, sumUs);
    series.bytes.add(step, size);
    series.maxUs.values[step] = Math.max(series.maxUs.values[step] ?? 0, maxUs);
    return endedMs;
  }

  #addTimings({ timings, endMs, stepMs }: Interval, timely: boolean): void {
    for (const { kind, name, count, meanUs, minUs, maxUs } of timings) {
      if (!(count > 0)) continue;
      const counts = this.names.of(kind, name);
      const { timed } = counts;
      timed.count += count;
      timed.sumUs += count * meanUs;
      timed.minUs = Math.min(timed.minUs, minUs ?? timed.minUs);
      timed.maxUs = Math.max(timed.maxUs, maxUs ?? timed.maxUs);
      if (!timely) continue;
      const middle = endMs - Math.min(Math.max(stepMs, 0), 1_000) / 2;
      counts.timedCourse.add(this.names.axis.indexOf(middle), count);
    }
  }

  #countEngineErrors(
    error: ReturnType<Errors['of']>,
    count: number,
    { endMs, stepMs }: Interval,
    timely: boolean,
  ): void {
    if (!(count > 0)) return;
    error.counted += count;
    if (!timely) return;
    error.countedTime.seen(endMs - stepMs, endMs);
    this.series.spread(error.countedCourse, endMs - stepMs, endMs, count);
  }

  #countError(samples: Samples, row: number, step: number, name: string): void {
    if (samples.kind !== 'request' && samples.kind !== 'connect') return;
    const text = samples.errors[samples.error[row] ?? 0] ?? '';
    const status = samples.status[row] ?? 0;
    const error =
      text === '' && status >= 400
        ? this.errors.ofStatus(status)
        : this.errors.of(text || 'failed');
    error.sampled += 1;
    if (samples.kind === 'request') error.requests += 1;
    error.example ??= name;
    if (step < 0) return;
    const ms = samples.endMs[row] ?? 0;
    error.sampledTime.seen(ms, ms);
    if (ms < error.samplesUntilMs) error.keep(ms, name, status, text);
    error.sampledCourse.add(step, 1);
  }

  #learnName(
    kind: SampleKind,
    names: readonly string[],
    known: KnownNames,
    index: number,
  ): NameCounts {
    const counts = this.names.of(kind, names[index] ?? '');
    while (known.length <= index) known.push(undefined);
    known[index] = counts;
    return counts;
  }

  // A reader has one table of names, which only grows; a second reader has its own.
  #knownNames(names: readonly string[], kind: SampleKind): KnownNames {
    const tables = this.#tables.get(names) ?? {};
    this.#tables.set(names, tables);
    tables[kind] ??= [];
    return tables[kind];
  }
}

function requestsIn({ requests, timings }: Interval): number {
  if (requests !== undefined) return requests;
  return timings.reduce((sum, { kind, count }) => (kind === 'request' ? sum + count : sum), 0);
}

/** By the reader's index. */
type KnownNames = (NameCounts | undefined)[];

/** A stretch of time that lies within one step of the run's axis and one of the names'. */
type Place = Readonly<{ step: number; nameStep: number; fromMs: number; toMs: number }>;

const nowhere: Place = { step: -1, nameStep: -1, fromMs: Number.NaN, toMs: Number.NaN };

function isWithin(ms = Number.NaN, { fromMs, toMs }: Place): boolean {
  return ms >= fromMs && ms < toMs;
}
