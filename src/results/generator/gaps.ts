/**
 * Gaps in the monitoring of a load: the machine or one of its processes stood still, or its clock
 * was set.
 */

import type { Stretch } from '../counting/stretch.ts';
import { type Reason, seconds, suspect } from './reason.ts';

/** How late a report that is due every second may be. */
const longestMs = 3_000;
/** An engine that reports less often may be late by this many of its own intervals. */
const longestIntervals = 3;

/** When something was reported; `stepMs`: the time since the report before. */
export type Told = Readonly<{ atMs: number; stepMs: number }>;

/** `isOver`: nothing more will be reported. */
type GapFacts = Readonly<{
  samples: readonly (Told & Readonly<{ clockStepMs: number }>)[];
  intervals: readonly Told[];
  load: Stretch;
  isOver: boolean;
}>;

export function judgeGaps({ samples, intervals, load, isOver }: GapFacts): Reason[] {
  const unseen = longest(gapsIn(samples, load, { isOver, allowedMs: longestMs }));
  const allowedMs = Math.max(longestMs, longestIntervals * usualStep(intervals));
  const silent = longest(gapsIn(intervals, load, { isOver: false, allowedMs }));
  const step = samples.reduce(
    (most, { clockStepMs }) => (Math.abs(clockStepMs) > Math.abs(most) ? clockStepMs : most),
    0,
  );
  return [
    ...(unseen === undefined
      ? []
      : [suspect(`the generator was not watched for ${seconds(lengthOf(unseen))} ${at(unseen)}`)]),
    ...(silent === undefined
      ? []
      : [suspect(`the engine counted nothing for ${seconds(lengthOf(silent))} ${at(silent)}`)]),
    ...(step === 0
      ? []
      : [
          suspect(
            `the generator's clock jumped by ${(step / 1_000).toFixed(1)} s: it was set, or the machine was suspended`,
          ),
        ]),
  ];
}

/**
 * The gaps between reports, from the load's start on, and up to its end if nothing more will come.
 */
function gapsIn(
  told: readonly Told[],
  { startedMs, endedMs }: Stretch,
  { isOver, allowedMs }: Readonly<{ isOver: boolean; allowedMs: number }>,
): Stretch[] {
  if (told.length === 0) return [];
  const moments = [startedMs, ...told.map(({ atMs }) => atMs), ...(isOver ? [endedMs] : [])];
  return moments.flatMap((toMs, index) => {
    const fromMs = Math.max(moments[index - 1] ?? toMs, startedMs);
    if (fromMs >= endedMs || toMs - fromMs <= allowedMs) return [];
    return [{ startedMs: fromMs, endedMs: toMs }];
  });
}

/** The shortest interval: the others were late. */
function usualStep(told: readonly Told[]): number {
  return told.reduce((least, { stepMs }) => Math.min(least, stepMs), Number.POSITIVE_INFINITY);
}

function longest(gaps: readonly Stretch[]): Stretch | undefined {
  return gaps.toSorted((a, b) => lengthOf(b) - lengthOf(a))[0];
}

function lengthOf({ startedMs, endedMs }: Stretch): number {
  return endedMs - startedMs;
}

function at({ startedMs }: Stretch): string {
  return `from ${new Date(startedMs).toISOString().slice(11, 19)} UTC on`;
}
