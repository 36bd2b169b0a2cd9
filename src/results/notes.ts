/** What a reader must know to interpret the numbers. Pure. */

import type { Sampling } from '../engine/engine.ts';
import { otherName, type SampleKind } from '../engine/samples.ts';
import { counted, formatInteger } from '../text.ts';
import type { Counts } from './counting/counts.ts';
import { maxNames } from './counting/names.ts';
import type { Measurements, NameStats, Totals } from './measurements.ts';
import { type Sources, transactionNotes } from './name-outcomes.ts';
import { sum } from './sum.ts';

export const kinds: readonly SampleKind[] = ['request', 'transaction', 'page', 'connect'];

export function notesOf(
  counts: Counts,
  {
    sampling,
    sources,
    totals,
    names,
  }: Readonly<{
    sampling: Sampling;
    sources: Sources;
    totals: Totals;
    names: readonly NameStats[];
  }>,
): Pick<Measurements, 'notes'> {
  const { timeless, isOver } = counts;
  const others = kinds
    .filter((kind) => counts.names.hasOther(kind))
    .map(
      (kind) =>
        `more than ${formatInteger(maxNames)} ${kind} names: the others are counted together as ${otherName}`,
    );
  const notes = [
    ...(isOver ? unfinishedNotes(totals, unanswered(counts, sources)) : []),
    ...(isOver ? unsampledNotes(counts, sampling) : []),
    ...transactionNotes(sources, totals, names),
    ...(counts.requests.count > 0 ? durationNotes(sampling) : []),
    ...others,
  ];
  if (timeless > 0) {
    notes.push(
      `samples or intervals with an impossible time: ${timeless}; they are counted, but not drawn over time`,
    );
  }
  return notes.length === 0 ? {} : { notes };
}

/** What to know before comparing these durations with another engine's. */
function durationNotes({ duration, resolutionUs = 0 }: Sampling): string[] {
  return [
    ...(duration === 'without-connect'
      ? ['durations do not include the time to open a connection']
      : []),
    ...(duration === 'first-byte'
      ? ['durations end with the first byte of the answer, not with the last']
      : []),
    ...(resolutionUs >= 1_000
      ? [`the engine records durations in steps of ${resolutionUs / 1_000} ms`]
      : []),
  ];
}

/** An engine that is killed may have counted requests that it had not written down yet. */
export function unrecordedOf({ requests, requestsByEngine }: Counts, sampling: Sampling): number {
  return sampling.requests === 'intervals' ? 0 : Math.max(requestsByEngine - requests.count, 0);
}

function unsampledNotes(counts: Counts, sampling: Sampling): string[] {
  const { requests, requestsByEngine } = counts;
  if (unrecordedOf(counts, sampling) === 0) return [];
  if (requests.count === 0)
    return ['the engine counted the requests, but left no record of their durations'];
  return [
    `the engine counted ${counted(requestsByEngine, 'request')}, but left a record of only ${formatInteger(requests.count)}: the rest is in none of these numbers`,
  ];
}

/** Users that, by the engine's own account, waited in vain. */
function unanswered({ errors }: Counts, { outcomesBySample }: Sources): number {
  const kinds = errors.totals(outcomesBySample).filter(({ counts }) => isUnanswered(counts.kind));
  return sum(kinds, ({ count }) => count);
}

function isUnanswered(kind: string): boolean {
  return kind.endsWith('never_answered');
}

/** If a load is cut off while users wait, the slowest answers are the ones missing. */
function unfinishedNotes(totals: Totals, inVain: number): string[] {
  const { bytesSent, inFlight = 0, oneWay = 0, requests } = totals;
  const { usersStarted = 0, usersFinished = 0 } = totals;
  const what = bytesSent === 0 ? 'sent' : 'answered';
  const waiting = usersStarted - usersFinished - inVain;
  return [
    ...(inVain > 0
      ? [
          `${formatInteger(inVain)} of ${counted(usersStarted, 'user')} ${inVain === 1 ? 'was' : 'were'} stopped while waiting for answers: each is counted as an error, but has no duration, so percentiles can be too low`,
        ]
      : []),
    ...(waiting > 0
      ? [
          `${formatInteger(waiting)} of ${counted(usersStarted, 'user')} ${waiting === 1 ? 'was' : 'were'} still under way when the load ended: their unfinished requests are counted neither as requests nor as errors, so percentiles can be too low`,
        ]
      : []),
    ...(inFlight > 0 ? [inFlightNote(inFlight)] : []),
    ...(usersStarted > 0 && requests + oneWay === 0 ? [`not one request was ${what}`] : []),
    ...(oneWay > 0 ? [oneWayNote(requests, oneWay)] : []),
  ];
}

function inFlightNote(inFlight: number): string {
  return inFlight === 1
    ? '1 request was in flight when the load ended: the target may have served it, but it is in no figure'
    : `${formatInteger(inFlight)} requests were in flight when the load ended: the target may have served them, but they are in no figure`;
}

function oneWayNote(requests: number, oneWay: number): string {
  return requests === 0
    ? `requests sent: ${formatInteger(oneWay)}, none of which asked for an answer`
    : `requests sent that asked for no answer: ${formatInteger(oneWay)}; they are not among the measured ones`;
}
