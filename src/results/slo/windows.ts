/**
 * The figures of each window of a run, against which SLO rules over windows are checked.
 */

import { mostFailed } from '../../slo/result.ts';
import { isOfDurations, limitsDurations, type SloRule } from '../../slo/rule.ts';
import type { NumberColumn } from '../counting/axis.ts';
import type { Counts } from '../counting/counts.ts';
import type { Stretch } from '../counting/stretch.ts';
import { percentWithout } from './without-failed.ts';

/**
 * `worst`: the value in the window that came closest to breaking the rule, or broke it the most.
 * `worstAtMost`: the same, as if the failed requests had the smallest durations.
 * `failedShare`: set if so many requests failed in a window that durations say nothing; the largest
 * share of all such windows.
 */
export type WorstWindow = Readonly<{
  worst: number;
  worstAtMost: number;
  worstAtMs: number;
  windowMs: number;
  failedShare?: number;
}>;

type Window = Readonly<{
  /**
   * Index of the first step, and of the one after the last; they may lie beyond the axis, where
   * nothing was measured.
   */
  from: number;
  to: number;
  startMs: number;
  /** How much of the window the load lasted. */
  seconds: number;
}>;

type Known = Readonly<{
  /**
   * Whether requests have samples, or only the engine's own count; whether these say how a request
   * ended.
   */
  sampled: boolean;
  outcomesBySample: boolean;
  load: Stretch;
}>;

/** `kinds`: the course of each kind of error. `time`: the period to divide into windows. */
type WindowSources = Readonly<{ kinds: readonly NumberColumn[]; time: Stretch }>;

type Windows = (rule: SloRule, windowMs: number, known: Known) => WorstWindow | undefined;

/** Returns the worst window of a rule; undefined if the run has no such figure. */
export function createWindows({ errors, load: { intervals: activity }, series }: Counts): Windows {
  // A window's percentiles change only with its count: those of windows that are over are not
  // computed again.
  const percentiles = new WeakMap<SloRule, Map<string, Readonly<{ of: string; us: number }>>>();

  function percentileUs({ from, to }: Window, count: number, percent: number): number {
    const [us = Number.NaN] = series.durations.percentiles(from, count, [percent], to);
    // The middle of a bucket can lie above the largest value in it.
    return Math.min(us, maxOf(series.maxUs, from, to));
  }

  /** `isMost`: of which of the two values of a window. */
  function percentile(
    rule: SloRule,
    window: Window,
    { count, percent, isMost }: Readonly<{ count: number; percent: number; isMost: boolean }>,
  ): number {
    const known = percentiles.get(rule) ?? new Map<string, { of: string; us: number }>();
    percentiles.set(rule, known);
    const key = `${window.startMs} ${window.to - window.from} ${series.axis.stepMs} ${isMost}`;
    const of = `${count} ${percent}`;
    const last = known.get(key);
    if (last?.of === of) return last.us;
    const us = percentileUs(window, count, percent);
    known.set(key, { of, us });
    return us;
  }

  function errorShare(
    { from, to }: Window,
    count: number,
    { outcomesBySample, kinds }: Known & Pick<WindowSources, 'kinds'>,
  ): number {
    const failed = sumOf(outcomesBySample ? series.failed : series.timedFailed, from, to);
    // Each failed request is an error of some kind; errors beyond these are not requests.
    const counted = kinds.reduce((total, column) => total + sumOf(column, from, to), 0);
    const all = Math.max(failed, counted);
    const ends = count + all - failed;
    return ends === 0 ? Number.NaN : Math.min(all / ends, 1);
  }

  /** The window with the largest failed share, if its durations say nothing. */
  function spoiled(
    rule: SloRule,
    windows: readonly Window[],
    known: Known & Pick<WindowSources, 'kinds'>,
    windowMs: number,
  ): WorstWindow | undefined {
    if (!isOfDurations(rule)) return undefined;
    const requests = known.sampled ? series.requests : series.timedRequests;
    const [most] = windows
      .map((window) => {
        const count = sumOf(requests, window.from, window.to);
        return { window, failedShare: errorShare(window, count, known) };
      })
      .filter(({ failedShare }) => failedShare > mostFailed)
      .toSorted((a, b) => b.failedShare - a.failedShare);
    if (most === undefined) return undefined;
    const { window, failedShare } = most;
    return {
      worst: Number.NaN,
      worstAtMost: Number.NaN,
      worstAtMs: window.startMs,
      windowMs,
      failedShare,
    };
  }

  function worstOf(
    rule: SloRule,
    windows: readonly Window[],
    known: Known & Pick<WindowSources, 'kinds'>,
    windowMs: number,
  ): WorstWindow | undefined {
    const direction = rule.comparison.startsWith('<') ? 1 : -1;
    let worst: WorstWindow | undefined;
    for (const window of windows) {
      const value = figure(rule, window, known);
      // A window in which nothing ended has no durations and no errors: it passes.
      if (value === undefined || Number.isNaN(value)) continue;
      const most = slowest(rule, window, known, value);
      if (worst !== undefined && direction * (most - worst.worstAtMost) <= 0) continue;
      worst = { worst: value, worstAtMost: most, worstAtMs: window.startMs, windowMs };
    }
    return worst;
  }

  /** As if the failed requests had been the fastest: a window knows only how many they are. */
  function slowest(rule: SloRule, window: Window, known: Known, value: number): number {
    const { metric } = rule;
    const { from, to } = window;
    const count = sumOf(series.requests, from, to);
    const failed = sumOf(series.failed, from, to);
    if (!limitsDurations(rule) || !known.outcomesBySample || failed === 0) return value;
    if (metric.kind === 'mean') return (value * count) / (count - failed);
    if (metric.kind !== 'percentile') return value;
    const percent = percentWithout(metric.percentile, { count, failed });
    return percentile(rule, window, { count, percent, isMost: true }) / 1_000;
  }

  function sourcesOf({ metric }: SloRule, { load, outcomesBySample }: Known): WindowSources {
    const kinds = metric.kind === 'throughput' ? [] : errors.columns(outcomesBySample);
    const isByErrors = metric.kind === 'errors' || kinds.length > 0;
    return { kinds, time: isByErrors ? union(load, activity) : load };
  }

  function figure(
    rule: SloRule,
    window: Window,
    known: Known & Pick<WindowSources, 'kinds'>,
  ): number | undefined {
    const { sampled } = known;
    const { metric } = rule;
    const { from, to } = window;
    const count = sumOf(sampled ? series.requests : series.timedRequests, from, to);
    switch (metric.kind) {
      case 'throughput':
        return count / window.seconds;
      case 'errors':
        return errorShare(window, count, known);
      case 'mean':
        return sumOf(sampled ? series.sumUs : series.timedSumUs, from, to) / count / 1_000;
      case 'max':
        return sampled && count > 0 ? maxOf(series.maxUs, from, to) / 1_000 : Number.NaN;
      case 'percentile':
        if (!sampled || count === 0) return Number.NaN;
        return (
          percentile(rule, window, { count, percent: metric.percentile, isMost: false }) / 1_000
        );
      default:
        return undefined;
    }
  }

  return (rule, windowMs, known) => {
    const { first, stepMs } = series.axis;
    const steps = Math.max(1, Math.round(windowMs / stepMs));
    const { kinds, time } = sourcesOf(rule, known);
    const windows = windowsOf(time, { first, stepMs, steps });
    const lengthMs = steps * stepMs;
    const all = { ...known, kinds };
    return spoiled(rule, windows, all, lengthMs) ?? worstOf(rule, windows, all, lengthMs);
  };
}

/**
 * Consecutive windows from the load's first step on, except those of which the load lasted less
 * than half.
 */
function windowsOf(
  { startedMs, endedMs }: Stretch,
  { first, stepMs, steps }: Readonly<{ first: number; stepMs: number; steps: number }>,
): readonly Window[] {
  if (!(endedMs >= startedMs)) return [];
  const begin = Math.floor(startedMs / stepMs);
  const end = Math.floor(endedMs / stepMs) + 1;
  const lengthMs = steps * stepMs;
  const windows = Array.from({ length: Math.ceil((end - begin) / steps) }, (_, at): Window => {
    const startMs = (begin + at * steps) * stepMs;
    const lastedMs = Math.min(startMs + lengthMs, endedMs) - Math.max(startMs, startedMs);
    const from = begin + at * steps - first;
    return { from, to: from + steps, startMs, seconds: lastedMs / 1_000 };
  });
  const whole = windows.filter(({ seconds }) => seconds >= lengthMs / 2_000);
  if (whole.length > 0) return whole;
  // Such a short load is one window, and its rates are not computed over less than a second.
  const [from = 0, to = 0] = [windows[0]?.from, windows.at(-1)?.to];
  const seconds = Math.max(endedMs - startedMs, 1_000) / 1_000;
  return [{ from, to, startMs: begin * stepMs, seconds }];
}

/** When nothing answers any more, there are errors without requests. */
function union(a: Stretch, b: Stretch): Stretch {
  return {
    startedMs: Math.min(a.startedMs, b.startedMs),
    endedMs: Math.max(a.endedMs, b.endedMs),
  };
}

function sumOf({ values }: NumberColumn, from: number, to: number): number {
  let sum = 0;
  for (let step = from; step < to; step++) sum += values[step] ?? 0;
  return sum;
}

function maxOf({ values }: NumberColumn, from: number, to: number): number {
  let max = 0;
  for (let step = from; step < to; step++) max = Math.max(max, values[step] ?? 0);
  return max;
}
