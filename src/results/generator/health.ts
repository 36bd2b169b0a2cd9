/**
 * Judges the load generator by its report of each second: could its own limits have distorted what
 * was measured?
 */

import type { GeneratorSample } from '../../engine/generator/sample.ts';
import type { Interval, SecondDelay } from '../../engine/samples.ts';
import { counted, formatInteger } from '../../text.ts';
import type { GeneratorDelay, GeneratorHealth } from '../measurements.ts';
import { judgeCpu } from './cpu.ts';
import { DelayWatch } from './delay.ts';
import {
  type Compact,
  compact,
  figuresOf,
  type MachineFigures,
  nearLimits,
  tenth,
} from './figures.ts';
import { judgeGaps, type Told } from './gaps.ts';
import { judgeLaunches, type PlannedLoad } from './planned-users.ts';
import { type Reason, strained, suspect } from './reason.ts';
import { shortageReasons } from './shortages.ts';

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

/** More than a day of seconds; a longer load is judged by its first day. */
const maxSamples = 100_000;

/** An engine that is killed loses a moment; more than this is not what was fired. */
const mostUnrecorded = 0.01;

/**
 * What is to be said of a generator. `late`: of its own delay; `launches`: of users it did not
 * start. `figures`: absent where the machine was not watched.
 */
export type Judgement = Readonly<{
  late: readonly Reason[];
  launches: readonly Reason[];
  others: readonly Reason[];
  delay: GeneratorDelay | undefined;
  busyRequestShare: number | undefined;
  figures: MachineFigures | undefined;
}>;

export function healthOf(judgement: Judgement): GeneratorHealth {
  const { late, launches, others, delay, busyRequestShare, figures } = judgement;
  const reasons = [...late, ...launches, ...others];
  return {
    verdict: verdictOf(reasons, figures !== undefined),
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

function verdictOf(reasons: readonly Reason[], isWatched: boolean): GeneratorHealth['verdict'] {
  if (reasons.some(({ verdict }) => verdict === 'suspect')) return 'suspect';
  if (!isWatched) return 'unknown';
  return reasons.length > 0 ? 'strained' : 'valid';
}

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
    return healthOf(this.judge(facts));
  }

  judge(facts: LoadFacts): Judgement {
    const { loadStartedMs, loadEndedMs, requests, requestsBetween, isOver } = facts;
    const hasLoad = loadStartedMs !== undefined && loadEndedMs !== undefined;
    const load = hasLoad ? { startedMs: loadStartedMs, endedMs: loadEndedMs } : undefined;
    const samples = load === undefined ? [] : this.#within(load);
    const figures = figuresOf(samples);
    const cpu = judgeCpu({ samples, requests, requestsBetween });
    const late = this.#delay.judge(facts.p95Ms);
    // What a full processor makes one fear, the delay has measured.
    const isInTime = this.#delay.isKnown && late.length === 0;
    const gaps = { samples, intervals: this.#intervals, isOver };
    return {
      late,
      launches: load === undefined ? [] : this.#launches(load, facts),
      others: [
        ...(load === undefined ? [] : judgeGaps({ ...gaps, load })),
        ...unrecordedReasons(facts),
        ...[...this.#allowanceExceeded].map(([name, count]) =>
          suspect(
            `the network exceeded what this instance type is allowed: ${name} grew by ${count}`,
          ),
        ),
        ...shortageReasons(facts.errors),
        ...(isInTime ? cpu.reasons.map(({ text }) => strained(text)) : cpu.reasons),
        ...(figures === undefined ? [] : nearLimits(figures)),
      ],
      delay: this.#delay.figures(),
      busyRequestShare: cpu.busyRequestShare,
      figures,
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

function unrecordedReasons({ isOver, requests, unrecorded = 0 }: LoadFacts): Reason[] {
  if (!isOver || unrecorded <= mostUnrecorded * (requests + unrecorded)) return [];
  const all = counted(requests + unrecorded, 'request');
  return [suspect(`${formatInteger(unrecorded)} of ${all} were counted and not recorded`)];
}
