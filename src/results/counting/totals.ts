/** Counts what an engine has counted by itself, second by second, as if each were a sample. */

import type { ErrorSeen, SecondTotals, Total } from '../../engine/samples.ts';
import type { Counts } from './counts.ts';
import { Histogram } from './histogram.ts';
import { extend } from './stretch.ts';

export function addTotals(counts: Counts, second: SecondTotals, member = 0): void {
  const { startMs, totals, errors, inFlight = 0 } = second;
  counts.inFlight += inFlight;
  const isTimely = counts.time.admitsOrLearns(startMs);
  if (!isTimely) counts.timeless += totals.reduce((sum, { count }) => sum + count, 0);
  if (isTimely) counts.series.coverage.addSamples(startMs + 1_000, member);
  for (const total of totals) addTotal(counts, total, isTimely ? startMs : undefined);
  if (isTimely) for (const error of errors) keepError(counts, error, startMs);
  counts.names.boundMemory();
}

function addTotal(counts: Counts, total: Total, startMs: number | undefined): void {
  const { kind, count, status, error } = total;
  const { series } = counts;
  const step = startMs === undefined ? -1 : series.axis.indexOf(startMs);
  const nameStep = startMs === undefined ? -1 : counts.names.axis.indexOf(startMs);
  const failed = error !== '' || status >= 400;
  const name = counts.names.of(kind, total.name);
  name.tellsFailures ||= kind === 'transaction';
  name.addTotal(total, failed, nameStep);
  if (kind === 'request') {
    counts.requests.addCounted(total);
    if (failed) {
      counts.failedRequests ??= new Histogram();
      counts.failedRequests.addCounted(total);
    }
  }
  if (failed && (kind === 'request' || kind === 'connect'))
    countError(counts, total, step, name.name);
  if (startMs === undefined) return;
  const { firstMs, lastMs } = timesWithin(total, startMs);
  extend(counts.load.samples, firstMs, lastMs);
  if (kind !== 'request') return;
  extend(counts.load.requests, firstMs, lastMs);
  series.requests.add(step, count);
  if (failed) series.failed.add(step, count);
  series.sumUs.add(step, total.sumUs);
  series.bytes.add(step, total.bytes);
  series.durations.addCounted(step, total.buckets);
  series.maxUs.values[step] = Math.max(series.maxUs.values[step] ?? 0, total.maxUs);
}

/** A clock that was set meanwhile, or a forged record, does not stretch the load. */
function timesWithin(
  { firstMs, lastMs, maxUs }: Total,
  startMs: number,
): Pick<Total, 'firstMs' | 'lastMs'> {
  const last = Math.min(Math.max(lastMs, startMs - longestHeldMs), startMs + 1_000);
  return {
    firstMs: Math.min(Math.max(firstMs, last - longestHeldMs - maxUs / 1_000), last),
    lastMs: last,
  };
}

/** A sample appears at most so much later than it was taken. */
const longestHeldMs = 10_000;

function countError(counts: Counts, total: Total, step: number, name: string): void {
  const { kind, count } = total;
  const error = errorOf(counts, total);
  error.sampled += count;
  if (kind === 'request') error.requests += count;
  error.example ??= name;
  if (step < 0) return;
  error.sampledTime.seen(total.firstMs, total.lastMs);
  error.sampledCourse.add(step, count);
}

function keepError(counts: Counts, seen: ErrorSeen, startMs: number): void {
  const { atMs, name, status, error: text } = seen;
  // A clock that was set meanwhile, or a forged record.
  if (Math.abs(atMs - startMs) > longestHeldMs) return;
  const error = errorOf(counts, seen);
  if (name !== '') error.example ??= name;
  if (atMs < error.samplesUntilMs) error.keep(atMs, name, status, text);
}

function errorOf(
  { errors }: Counts,
  { status, error }: Pick<Total, 'status' | 'error'>,
): ReturnType<Counts['errors']['of']> {
  return error === '' && status >= 400 ? errors.ofStatus(status) : errors.of(error);
}
