/**
 * The whole run over time: one step per second, until there would be more than 3,600; then
 * neighbours merge.
 */

import type { GeneratorSample } from '../../engine/generator/sample.ts';
import type { Interval, SecondDelay } from '../../engine/samples.ts';
import type { Series } from '../measurements.ts';
import { GaugeColumn, NumberColumn, TimeAxis } from './axis.ts';
import { CounterPages } from './counter-pages.ts';
import { Coverage } from './coverage.ts';
import { MemberGauge } from './member-gauge.ts';
import { HistogramColumn } from './step-histograms.ts';
import { milliseconds, rounded } from './units.ts';

const maxSteps = 3_600;
const hourMs = 3_600_000;

/**
 * A gap of this length between two intervals is a late one, not a silence: gauges reach over it.
 */
const bridgedGapMs = 2_000;
/**
 * An interval that is as many times longer than others is late: what its gauges were all the while
 * nobody knows.
 */
const longestIntervals = 3;

type ColumnOptions = Readonly<{
  sampled: boolean;
  outcomesBySample: boolean;
  errors: Series['errors'];
  isOver: boolean;
  /** How many steps there are to tell of. */
  length: number;
}>;

/** The time of which a member tells gauges, and how long its intervals are. */
type ToldTime = {
  startMs: number;
  endMs: number;
  intervalEndMs: number;
  usualMs: number;
  /** Nothing more of it will come, or has come for long. */
  isOver: boolean;
  isSilent: boolean;
};

/** `members`: how many generators the load comes from, each with intervals of its own. */
export class RunSeries {
  readonly axis = new TimeAxis({ stepMs: 1_000, maxSteps });
  readonly coverage: Coverage;
  /** From samples. */
  readonly requests = this.#number();
  readonly failed = this.#number();
  readonly sumUs = this.#number();
  readonly maxUs = this.#most();
  readonly bytes = this.#number();
  readonly durations = this.axis.attach(new HistogramColumn(maxSteps, new CounterPages(6)));
  /** From the engine's own counts, for runs without samples. */
  readonly timedRequests = this.#number();
  readonly timedFailed = this.#number();
  readonly timedSumUs = this.#number();
  readonly #users: MemberGauge;
  readonly #connected: MemberGauge;
  /** What the engine counts in its intervals. */
  readonly told = new Set<'usersStarted' | 'bytesReceived' | 'bytesSent'>();
  readonly #usersStarted = this.#number();
  readonly #bytesReceived = this.#number();
  readonly #bytesSent = this.#number();
  readonly #cpuPercent: MemberGauge;
  readonly #memoryPercent: MemberGauge;
  readonly #networkReceived = this.#gauge();
  readonly #networkSent = this.#gauge();
  readonly #delayUs = this.#gauge();
  readonly #delayMaxUs = this.#most();
  readonly #runQueue = this.#gauge();
  readonly #runQueueMax = this.#most();
  readonly #members: readonly ToldTime[];

  constructor(members: number) {
    this.coverage = new Coverage(members);
    const gauge = (): MemberGauge => new MemberGauge(this.axis, members);
    this.#users = gauge();
    this.#connected = gauge();
    this.#cpuPercent = gauge();
    this.#memoryPercent = gauge();
    this.#members = Array.from({ length: members }, () => ({
      startMs: Number.POSITIVE_INFINITY,
      endMs: Number.NEGATIVE_INFINITY,
      intervalEndMs: Number.NaN,
      usualMs: Number.POSITIVE_INFINITY,
      isOver: false,
      isSilent: false,
    }));
  }

  addInterval(
    interval: Interval,
    { requests, failed, member }: Readonly<{ requests: number; failed: number; member: number }>,
  ): void {
    const { endMs } = interval;
    const startMs = endMs - Math.min(Math.max(interval.stepMs, 0), hourMs);
    this.coverage.addInterval(endMs, member);
    const gaugesFrom = this.#gaugesFrom(interval, startMs, member);
    for (const [gauge, value] of [
      [this.#users, interval.users],
      [this.#connected, interval.connected],
    ] as const) {
      if (value === undefined) continue;
      for (const step of this.#stepsOf(gaugesFrom, endMs)) gauge.add(member, step, value);
    }
    for (const [column, name] of [
      [this.#usersStarted, 'usersStarted'],
      [this.#bytesReceived, 'bytesReceived'],
      [this.#bytesSent, 'bytesSent'],
    ] as const) {
      const value = interval[name];
      if (value === undefined) continue;
      this.told.add(name);
      this.spread(column, startMs, endMs, value);
    }
    this.spread(this.timedRequests, startMs, endMs, requests);
    this.spread(this.timedFailed, startMs, endMs, failed);
    for (const { kind, count, meanUs } of interval.timings) {
      if (kind !== 'request') continue;
      this.spread(this.timedSumUs, startMs, endMs, count * meanUs);
    }
  }

  addGenerator(sample: GeneratorSample, member: number): void {
    this.coverage.addAny(sample.atMs);
    const step = this.axis.indexOf(sample.atMs - Math.min(Math.max(sample.stepMs, 0), 1_000) / 2);
    this.#cpuPercent.add(member, step, sample.cpuPercent);
    this.#memoryPercent.add(member, step, sample.memoryPercent);
    this.#networkReceived.add(step, sample.networkReceivedBytes);
    this.#networkSent.add(step, sample.networkSentBytes);
  }

  addDelay(startMs: number, { sumUs, count, maxUs, queueSum, queueMax, looks }: SecondDelay): void {
    const step = this.axis.indexOf(startMs);
    this.#delayUs.add(step, sumUs, count);
    this.#delayMaxUs.raise(step, maxUs);
    this.#runQueue.add(step, queueSum, looks);
    this.#runQueueMax.raise(step, queueMax);
  }

  /** Nothing more of this member will come. */
  end(member: number): void {
    this.coverage.end(member);
    const told = this.#members[member];
    if (told === undefined || told.isOver) return;
    told.isOver = true;
    // What was not known of it since then is now known to be nothing.
    this.#changeFrom(told.endMs);
  }

  /** Before figures are taken: of members that are silent for long, nothing is waited for. */
  settle(): void {
    for (const [member, told] of this.#members.entries()) {
      const isSilent = this.coverage.isSilent(member);
      if (isSilent && !told.isSilent) this.#changeFrom(told.endMs);
      told.isSilent = isSilent;
    }
  }

  /** The most users at once, by the sums of the members' own. */
  usersPeak(): number {
    let most = 0;
    for (let step = 0; step < this.axis.length; step++)
      most = Math.max(most, this.#users.sumAt(step, this.#hasNone) ?? 0);
    return most;
  }

  /**
   * Spreads a period's count evenly over its steps, in whole numbers that add up to the count.
   */
  spread(column: NumberColumn, startMs: number, endMs: number, total: number): void {
    if (!(total > 0)) return;
    const steps = this.#stepsOf(startMs, endMs);
    steps.forEach((step, at) => {
      const before = Math.floor((total * at) / steps.length);
      column.add(step, Math.floor((total * (at + 1)) / steps.length) - before);
    });
  }

  /** How many requests ended in a period; within a step they count as evenly spread. */
  requestsBetween(fromMs: number, toMs: number, sampled: boolean): number {
    return this.countBetween(sampled ? this.requests : this.timedRequests, fromMs, toMs);
  }

  countBetween({ values }: NumberColumn, fromMs: number, toMs: number): number {
    const { first, length, stepMs } = this.axis;
    const start = Math.max(0, Math.floor(fromMs / stepMs) - first);
    let sum = 0;
    for (let step = start; step < length && this.axis.startOf(step) < toMs; step++) {
      const startMs = this.axis.startOf(step);
      const withinMs = Math.min(toMs, startMs + stepMs) - Math.max(fromMs, startMs);
      sum += ((values[step] ?? 0) * withinMs) / stepMs;
    }
    return sum;
  }

  /**
   * The steps from `from` on, without those at the end that are not whole yet. `sampled`,
   * `outcomesBySample`: from samples, or else as the engine counted it.
   */
  columns(
    from: number,
    { sampled, outcomesBySample, errors, isOver, length }: ColumnOptions,
  ): Series {
    const { stepMs } = this.axis;
    const numbers = ({ values }: NumberColumn): number[] =>
      Array.from(values.subarray(from, length));
    const gauges = (read: (step: number) => number | null): (number | null)[] =>
      Array.from({ length: length - from }, (_, at) => rounded(read(from + at)));
    const unknown = gauges(() => null);
    const told = this.toldSteps(isOver);
    const counts = (column: NumberColumn): (number | null)[] =>
      numbers(column).map((value, at) => (from + at < told ? value : null));
    const requests = sampled ? this.requests : this.timedRequests;
    const sums = sampled ? this.sumUs : this.timedSumUs;
    const percentiles = unknown.map((_, at) => {
      const count = this.requests.values[from + at] ?? 0;
      return sampled ? this.durations.percentiles(from + at, count, [50, 95, 99]) : [];
    });
    // The middle of a bucket can lie above the largest value in it.
    const atMost = (at: number, us = Number.NaN): number =>
      Math.min(us, this.maxUs.values[from + at] ?? 0);
    const percentile = (rank: number): (number | null)[] =>
      percentiles.map((values, at) => rounded(milliseconds(atMost(at, values[rank]))));
    return {
      startMs: this.axis.startOf(from),
      stepMs,
      requests: numbers(requests),
      failed: numbers(outcomesBySample ? this.failed : this.timedFailed),
      errors,
      meanMs: gauges((step) => {
        const [count, sum] = [requests.values[step] ?? 0, sums.values[step] ?? 0];
        return count === 0 || sum === 0 ? null : sum / count / 1_000;
      }),
      p50Ms: percentile(0),
      p95Ms: percentile(1),
      p99Ms: percentile(2),
      maxMs: percentiles.map((values, at) =>
        values.length === 0 ? null : milliseconds(this.maxUs.values[from + at]),
      ),
      users: gauges((step) => this.#users.sumAt(step, this.#hasNone)),
      connected: gauges((step) => this.#connected.sumAt(step, this.#hasNone)),
      usersStarted: this.told.has('usersStarted') ? counts(this.#usersStarted) : unknown,
      bytesReceived: this.told.has('bytesReceived') ? counts(this.#bytesReceived) : unknown,
      bytesSent: this.told.has('bytesSent') ? counts(this.#bytesSent) : unknown,
      cpuPercent: gauges((step) => this.#cpuPercent.mostAt(step)),
      memoryPercent: gauges((step) => this.#memoryPercent.mostAt(step)),
      networkReceived: gauges((step) => this.#networkReceived.sumAt(step)),
      networkSent: gauges((step) => this.#networkSent.sumAt(step)),
      delayMeanMs: gauges((step) => milliseconds(this.#delayUs.at(step) ?? undefined)),
      delayMaxMs: gauges((step) => milliseconds(most(this.#delayUs, this.#delayMaxUs, step))),
      runQueueMean: gauges((step) => this.#runQueue.at(step)),
      runQueueMax: gauges((step) => most(this.#runQueue, this.#runQueueMax, step) ?? null),
    };
  }

  /** For how many steps there is what the engine counts in its intervals. */
  toldSteps(isOver: boolean): number {
    if (isOver || this.told.size === 0) return this.axis.length;
    return this.coverage.wholeSteps(this.axis, ['intervals']);
  }

  /** From when an interval's gauges count, and of which time this member has told some. */
  #gaugesFrom({ endMs, stepMs }: Interval, startMs: number, member: number): number {
    const told = this.#members[member];
    if (told === undefined) return startMs;
    const gap = startMs - told.intervalEndMs;
    const from = gap > 0 && gap <= bridgedGapMs ? told.intervalEndMs : startMs;
    told.intervalEndMs = endMs;
    told.usualMs = Math.min(told.usualMs, Math.max(stepMs, 1_000));
    const known = Math.max(bridgedGapMs, longestIntervals * told.usualMs);
    const gaugesFrom = endMs - from > known ? endMs - told.usualMs : from;
    // Before its first interval it was not known to have none.
    if (!Number.isFinite(told.startMs)) this.#changeFrom(Number.NEGATIVE_INFINITY);
    told.startMs = Math.min(told.startMs, gaugesFrom);
    told.endMs = Math.max(told.endMs, endMs);
    return gaugesFrom;
  }

  /** Whether a member has no users in a step: its load began later, or has ended. */
  readonly #hasNone = (member: number, step: number): boolean => {
    const told = this.#members[member];
    if (told === undefined) return true;
    const half = this.axis.stepMs / 2;
    const isGone = told.isOver || told.isSilent;
    if (isGone && told.endMs - this.axis.startOf(step) < half) return true;
    return Number.isFinite(told.startMs) && this.axis.startOf(step + 1) - told.startMs < half;
  };

  /** Only sums of several members change where nothing is added. */
  #changeFrom(ms: number): void {
    if (this.#members.length < 2) return;
    const { changedFrom, first, stepMs } = this.axis;
    const step = Math.max(Math.floor(ms / stepMs) - first, 0);
    this.axis.changedFrom = Math.min(changedFrom, step);
  }

  #stepsOf(startMs: number, endMs: number): number[] {
    const half = Math.min(endMs - startMs, this.axis.stepMs) / 2;
    // Asking for one end can make steps longer, or move them: only then is the other's place
    // certain.
    this.axis.indexOf(startMs + half);
    const last = this.axis.indexOf(endMs - half);
    const first = this.axis.indexOf(startMs + half);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }

  #number(): NumberColumn {
    return this.axis.attach(new NumberColumn(maxSteps));
  }

  #most(): NumberColumn {
    return this.axis.attach(new NumberColumn(maxSteps, 'max'));
  }

  #gauge(): GaugeColumn {
    return this.axis.attach(new GaugeColumn(maxSteps));
  }
}

/** The largest value in a step; undefined where there was none. */
function most(seen: GaugeColumn, largest: NumberColumn, step: number): number | undefined {
  return seen.at(step) === null ? undefined : largest.values[step];
}
