/**
 * Judges the load generator by its report of each second: could its own limits have distorted what
 * was measured?
 */

import type { GeneratorSample } from '../../engine/generator/sample.ts';
import type { Interval, SecondDelay } from '../../engine/samples.ts';
import { counted, formatInteger } from '../../text.ts';
import type { GeneratorHealth } from '../measurements.ts';
import { judgeCpu } from './cpu.ts';
import { DelayWatch } from './delay.ts';
import { judgeGaps, type Told } from './gaps.ts';
import { judgeLaunches, type PlannedLoad } from './planned-users.ts';
import { percent, type Reason, strained, suspect } from './reason.ts';

/** What the other measurements say about the generator. */
export type LoadFacts = Readonly<{
  loadStartedMs?: number | undefined;
  loadEndedMs?: number | undefined;
  plan: PlannedLoad;
  usersStarted: number | undefined;
  errors: readonly Readonly<{ kind: string; count: number }>[];
  requests: number;
  /** Requests that the engine has counted, and left no record of. */
  unrecorded?: number;
  /** Of the durations of requests; absent where they are not known. */
  p95Ms?: number | undefined;
  /** How many requests ended in a period. */
  requestsBetween: (fromMs: number, toMs: number) => number;
  /** Whether the engine has ended and everything has been read. */
  isOver: boolean;
}>;

/** Beyond these values the generator's own limits can distort what it measures. */
const limits = { stealPercent: 5, memoryPercent: 90, openFilesShare: 0.9, localPortsShare: 0.8 };

/** Errors that mean that this machine ran out of something. */
const shortages: readonly (readonly [RegExp, string])[] = [
  [/emfile|enfile|system_limit/iu, 'the generator ran out of open files'],
  [/eaddrinuse|eaddrnotavail/iu, 'the generator ran out of local ports'],
  [/enobufs|enomem/iu, 'the generator ran out of memory for sockets'],
];

/** More than a day of seconds; a longer load is judged by its first day. */
const maxSamples = 100_000;

/** An engine that is killed loses a moment; more than this is not what was fired. */
const mostUnrecorded = 0.01;

export class GeneratorWatch {
  readonly #samples: Compact[] = [];
  readonly #intervals: Told[] = [];
  readonly #allowanceExceeded = new Map<string, number>();
  readonly #delay = new DelayWatch();

  add(sample: GeneratorSample): void {
    for (const [name, grown] of Object.entries(sample.allowanceExceeded ?? {})) {
      if (grown > 0) {
        this.#allowanceExceeded.set(name, (this.#allowanceExceeded.get(name) ?? 0) + grown);
      }
    }
    if (this.#samples.length < maxSamples) this.#samples.push(compact(sample));
  }

  addInterval({ endMs, stepMs }: Interval): void {
    if (this.#intervals.length < maxSamples) this.#intervals.push({ atMs: endMs, stepMs });
  }

  /** For seconds of the load. */
  addDelay(delay: SecondDelay): void {
    this.#delay.add(delay);
  }

  health(facts: LoadFacts): GeneratorHealth {
    const { loadStartedMs, loadEndedMs, requests, requestsBetween, isOver } = facts;
    const hasLoad = loadStartedMs !== undefined && loadEndedMs !== undefined;
    const load = hasLoad ? { startedMs: loadStartedMs, endedMs: loadEndedMs } : undefined;
    const samples = load === undefined ? [] : this.#within(load);
    const figures = figuresOf(samples);
    const cpu = judgeCpu({ samples, requests, requestsBetween });
    const delay = this.#delay.figures();
    const late = this.#delay.judge(facts.p95Ms);
    // What a full processor makes one fear, the delay has measured.
    const isInTime = this.#delay.isKnown && late.length === 0;
    const gaps = { samples, intervals: this.#intervals, isOver };
    const reasons = [
      ...late,
      ...(load === undefined
        ? []
        : [...this.#launches(load, facts), ...judgeGaps({ ...gaps, load })]),
      ...unrecordedReasons(facts),
      ...[...this.#allowanceExceeded].map(([name, count]) =>
        suspect(
          `the network exceeded what this instance type is allowed: ${name} grew by ${count}`,
        ),
      ),
      ...shortageReasons(facts),
      ...(isInTime ? cpu.reasons.map(({ text }) => strained(text)) : cpu.reasons),
      ...(figures === undefined ? [] : nearLimits(figures)),
    ];
    const { busyRequestShare } = cpu;
    return {
      verdict: verdictOf(reasons, samples),
      reasons: reasons.map(({ text }) => text),
      ...(delay === undefined ? {} : { delay }),
      ...(busyRequestShare === undefined ? {} : { busyRequestShare }),
      ...(figures === undefined
        ? {}
        : {
            cpuMeanPercent: tenth(figures.cpuMean),
            cpuMaxPercent: tenth(figures.cpuMax),
            stealMaxPercent: tenth(figures.stealMax),
            memoryMaxPercent: tenth(figures.memoryMax),
          }),
    };
  }

  #launches(
    { startedMs, endedMs }: Readonly<{ startedMs: number; endedMs: number }>,
    { plan, usersStarted }: LoadFacts,
  ): Reason[] {
    const told = this.#intervals.at(-1)?.atMs ?? endedMs;
    const countedMs = Math.min(endedMs, told) - startedMs;
    return judgeLaunches({ plan, usersStarted, countedMs, ranMs: told - startedMs });
  }

  /**
   * Samples of which at least half lies in the load: in a short load, most of a sample could be the
   * engine's own start.
   */
  #within({ startedMs, endedMs }: Readonly<{ startedMs: number; endedMs: number }>): Compact[] {
    const shareIn = ({ atMs, stepMs }: Compact): number =>
      (Math.min(atMs, endedMs) - Math.max(atMs - stepMs, startedMs)) / stepMs;
    const touching = this.#samples.filter((sample) => shareIn(sample) > 0);
    const mostly = touching.filter((sample) => shareIn(sample) >= 0.5);
    return mostly.length > 0 ? mostly : touching;
  }
}

type Compact = Readonly<{
  atMs: number;
  stepMs: number;
  clockStepMs: number;
  cpu: number;
  steal: number;
  memory: number;
  openFiles: number;
  localPorts: number;
}>;

function compact(sample: GeneratorSample): Compact {
  const { openFiles = 0, openFilesLimit = 0, tcpSockets, localPorts } = sample;
  return {
    atMs: sample.atMs,
    stepMs: Math.max(1, sample.stepMs),
    clockStepMs: sample.clockStepMs ?? 0,
    cpu: Math.max(sample.cpuPercent, sample.engineCpuPercent ?? 0),
    steal: sample.stealPercent,
    memory: sample.memoryPercent,
    openFiles: openFilesLimit > 0 ? openFiles / openFilesLimit : 0,
    localPorts: localPorts > 0 ? tcpSockets / localPorts : 0,
  };
}

type Figures = Readonly<{
  cpuMean: number;
  cpuMax: number;
  stealMax: number;
  memoryMax: number;
  openFilesMax: number;
  localPortsMax: number;
}>;

function figuresOf(samples: readonly Compact[]): Figures | undefined {
  if (samples.length === 0) return undefined;
  const largest = (read: (sample: Compact) => number): number =>
    samples.reduce((most, sample) => Math.max(most, read(sample)), 0);
  const timeMs = samples.reduce((sum, { stepMs }) => sum + stepMs, 0);
  return {
    cpuMean: samples.reduce((sum, { cpu, stepMs }) => sum + cpu * stepMs, 0) / timeMs,
    cpuMax: largest(({ cpu }) => cpu),
    stealMax: largest(({ steal }) => steal),
    memoryMax: largest(({ memory }) => memory),
    openFilesMax: largest(({ openFiles }) => openFiles),
    localPortsMax: largest(({ localPorts }) => localPorts),
  };
}

/** What was nearly used up; if something ran out, an error says so. */
function nearLimits(figures: Figures): Reason[] {
  const reasons: Reason[] = [];
  if (figures.stealMax > limits.stealPercent) {
    reasons.push(
      strained(
        `up to ${percent(figures.stealMax)} of the CPU was taken by other machines on the host (steal)`,
      ),
    );
  }
  if (figures.memoryMax > limits.memoryPercent) {
    reasons.push(strained(`the generator's memory was ${percent(figures.memoryMax)} full`));
  }
  if (figures.openFilesMax > limits.openFilesShare) {
    reasons.push(
      strained(`the engine used ${percent(figures.openFilesMax * 100)} of the files it may open`),
    );
  }
  if (figures.localPortsMax > limits.localPortsShare) {
    reasons.push(
      strained(`${percent(figures.localPortsMax * 100)} of the local ports were in use`),
    );
  }
  return reasons;
}

function shortageReasons({ errors }: LoadFacts): Reason[] {
  return errors.flatMap(({ kind, count }) => {
    const shortage = shortages.find(([pattern]) => pattern.test(kind));
    return shortage === undefined ? [] : [suspect(`${shortage[1]}: ${count} × ${kind}`)];
  });
}

function verdictOf(
  reasons: readonly Reason[],
  samples: readonly Compact[],
): GeneratorHealth['verdict'] {
  if (reasons.some(({ verdict }) => verdict === 'suspect')) return 'suspect';
  if (samples.length === 0) return 'unknown';
  return reasons.length > 0 ? 'strained' : 'valid';
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function unrecordedReasons({ isOver, requests, unrecorded = 0 }: LoadFacts): Reason[] {
  if (!isOver || unrecorded <= mostUnrecorded * (requests + unrecorded)) return [];
  const all = counted(requests + unrecorded, 'request');
  return [suspect(`${formatInteger(unrecorded)} of ${all} were counted and not recorded`)];
}
