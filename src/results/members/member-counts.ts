/**
 * What one member of a cluster has fired, counted beside the whole: no more than it takes to judge
 * its generator and to show it in one row.
 */

import type { Interval, SampleBatch, Samples, SecondTotals, Total } from '../../engine/samples.ts';
import { NumberColumn } from '../counting/axis.ts';
import type { Counts } from '../counting/counts.ts';
import { Histogram } from '../counting/histogram.ts';
import { extend, nothingYet, type Stretch } from '../counting/stretch.ts';
import { isShortage } from '../generator/shortages.ts';

/** How many requests ended in the latest second of which something is known. */
type Second = { startMs: number; requests: number };

/** A scenario can make up any number of kinds. */
const maxShortages = 10;

type SeenErrors = { sampled: number; counted: number };

export class MemberCounts {
  /** Of requests, as their samples say. */
  readonly durations = new Histogram();
  failed = 0;
  /** By the engine's intervals. */
  requestsByEngine = 0;
  failedByEngine = 0;
  usersStarted: number | undefined;
  users: number | undefined;
  readonly load = { samples: nothingYet(), intervals: nothingYet() };
  readonly second: Second = { startMs: Number.NEGATIVE_INFINITY, requests: 0 };
  readonly intervalSecond: Second = { startMs: Number.NEGATIVE_INFINITY, requests: 0 };
  /** When its latest interval ended. */
  toldMs = Number.NEGATIVE_INFINITY;
  isOver = false;
  readonly #counts: Counts;
  readonly #requests: NumberColumn;
  readonly #timedRequests: NumberColumn;
  readonly #shortages = new Map<string, SeenErrors>();

  constructor(counts: Counts) {
    const { axis } = counts.series;
    this.#counts = counts;
    this.#requests = axis.attach(new NumberColumn(axis.maxSteps));
    this.#timedRequests = axis.attach(new NumberColumn(axis.maxSteps));
  }

  /** For what the whole has counted already, so that its times are known to be possible. */
  add(batch: SampleBatch): void {
    switch (batch.type) {
      case 'samples':
        this.#addSamples(batch);
        break;
      case 'totals':
        this.#addTotals(batch);
        break;
      case 'interval':
        this.#addInterval(batch);
        break;
      case 'unreadable':
        break;
      default:
        batch satisfies never;
    }
  }

  get isSampled(): boolean {
    return this.durations.count > 0;
  }

  /** From its first start to its last end. */
  get stretch(): Stretch {
    const { samples, intervals } = this.load;
    return samples.endedMs >= samples.startedMs ? samples : intervals;
  }

  /** How many requests ended in a period. */
  requestsBetween(fromMs: number, toMs: number): number {
    const column = this.isSampled ? this.#requests : this.#timedRequests;
    return this.#counts.series.countBetween(column, fromMs, toMs);
  }

  /** Errors that mean that this machine ran out of something. */
  shortages(): Readonly<{ kind: string; count: number }>[] {
    return [...this.#shortages].map(([kind, { sampled, counted }]) => ({
      kind,
      count: Math.max(sampled, counted),
    }));
  }

  #addSamples({ kind, count, endMs, durationUs, ok, status, error, errors }: Samples): void {
    for (let row = 0; row < count; row++) {
      const text = errors[error[row] ?? 0] ?? '';
      if (text !== '') this.#seeError(text, 'sampled', 1);
      if (kind !== 'request') continue;
      const us = Math.max(durationUs[row] || 0, 0);
      const ms = endMs[row] ?? Number.NaN;
      this.durations.record(us);
      if (ok[row] === 0 || (status[row] ?? 0) >= 400) this.failed += 1;
      if (!this.#counts.time.admits(ms)) continue;
      this.#requests.add(this.#counts.series.axis.indexOf(ms), 1);
      extend(this.load.samples, ms - us / 1_000, ms);
      addToSecond(this.second, Math.floor(ms / 1_000) * 1_000, 1);
    }
  }

  #addTotals({ startMs, totals }: SecondTotals): void {
    const isTimely = this.#counts.time.admits(startMs);
    let requests = 0;
    for (const total of totals) {
      if (total.error !== '') this.#seeError(total.error, 'sampled', total.count);
      if (total.kind !== 'request') continue;
      requests += total.count;
      this.#addRequests(total, isTimely ? startMs : undefined);
    }
    if (!isTimely) return;
    if (requests > 0) this.#requests.add(this.#counts.series.axis.indexOf(startMs), requests);
    addToSecond(this.second, startMs, requests);
  }

  #addRequests(total: Total, startMs: number | undefined): void {
    this.durations.addCounted(total);
    if (total.error !== '' || total.status >= 400) this.failed += total.count;
    if (startMs === undefined) return;
    // As for the whole, a clock that was set meanwhile does not stretch the load.
    const endedMs = Math.min(Math.max(total.lastMs, startMs), startMs + 1_000);
    const beganMs = Math.max(total.firstMs, startMs - total.maxUs / 1_000);
    extend(this.load.samples, Math.min(beganMs, endedMs), endedMs);
  }

  #addInterval(interval: Interval): void {
    const { endMs, errors, statuses, stepMs, timings, users, usersStarted } = interval;
    const requests =
      interval.requests ??
      timings.reduce((sum, { kind, count }) => (kind === 'request' ? sum + count : sum), 0);
    this.requestsByEngine += requests;
    for (const [status, count] of Object.entries(statuses))
      if (Number(status) >= 400) this.failedByEngine += count;
    for (const [kind, count] of Object.entries(errors)) this.#seeError(kind, 'counted', count);
    if (usersStarted !== undefined) this.usersStarted = (this.usersStarted ?? 0) + usersStarted;
    if (!this.#counts.time.admits(endMs)) return;
    this.users = users ?? this.users;
    this.toldMs = Math.max(this.toldMs, endMs);
    this.#counts.series.spread(this.#timedRequests, endMs - stepMs, endMs, requests);
    addToSecond(this.intervalSecond, endMs - 1_000, (requests * 1_000) / Math.max(stepMs, 1));
    const isActive = (usersStarted ?? 0) > 0 || (users ?? 0) > 0 || requests > 0;
    if (isActive) extend(this.load.intervals, endMs - stepMs, endMs);
  }

  #seeError(kind: string, by: keyof SeenErrors, count: number): void {
    if (!isShortage(kind)) return;
    const seen = this.#shortages.get(kind) ?? { sampled: 0, counted: 0 };
    if (this.#shortages.size >= maxShortages && !this.#shortages.has(kind)) return;
    seen[by] += count;
    this.#shortages.set(kind, seen);
  }
}

function addToSecond(second: Second, startMs: number, requests: number): void {
  if (startMs < second.startMs) return;
  second.requests = startMs === second.startMs ? second.requests + requests : requests;
  second.startMs = startMs;
}
