/** From what was counted to what is told: rates, percentiles, verdicts. */

import type { Sampling } from '../engine/engine.ts';
import { otherName, type SampleKind } from '../engine/samples.ts';
import type { SloRule, SloScope } from '../slo/rule.ts';
import { formatInteger } from '../text.ts';
import type { Counts, Stretch } from './counting/counts.ts';
import { type Histogram, highestOf } from './counting/histogram.ts';
import { maxNames, type NameCounts } from './counting/names.ts';
import type { GeneratorWatch } from './generator/health.ts';
import type { PlannedLoad } from './generator/planned-users.ts';
import {
  courseOptions,
  outcomesOf,
  type Sources,
  sharesOf,
  told,
  transactionNotes,
} from './name-outcomes.ts';
import { judge, type Measured } from './slo/judge.ts';
import { createWindows } from './slo/windows.ts';
import type {
  DistributionBin,
  Latency,
  Measurements,
  NameStats,
  Series,
  Totals,
} from './summary.ts';

const kinds: readonly SampleKind[] = ['request', 'transaction', 'page', 'connect'];
const maxBins = 120;
/** Rates are not computed over less: one request of 5 ms is not "200 a second". */
const shortestMs = 1_000;

export type MeasurerOptions = Readonly<{
  sampling: Sampling;
  slo: readonly SloRule[];
  plan: PlannedLoad;
}>;

export type Measurer = Readonly<{
  /** All but the run's series; the names' own series on demand. */
  measure(names: 'with-series' | 'without-series'): Omit<Measurements, 'series'>;
  series(from: number): Series;
  /** Changes when what was told from the engine's own counts is now told from samples, or the other way round. */
  sources(): string;
}>;

export function createMeasurer(
  counts: Counts,
  generator: GeneratorWatch,
  { sampling, slo, plan }: MeasurerOptions,
): Measurer {
  const worstWindow = createWindows(counts);
  const latencies = new WeakMap<NameCounts, Readonly<{ count: number; latency: Latency }>>();

  /** Computed again only for names that have new samples. */
  function latencyOfName(name: NameCounts): Latency {
    const { histogram, failures } = name;
    const known = latencies.get(name);
    if (known?.count === histogram.count) return known.latency;
    const latency = latencyOf(histogram, failures);
    latencies.set(name, { count: histogram.count, latency });
    return latency;
  }

  function nameStats(
    name: NameCounts,
    { sources, totals, seconds }: Readonly<{ sources: Sources; totals: Totals; seconds: number }>,
  ): NameStats {
    const { kind, histogram, timed } = name;
    const sampled = sources.sampled.has(kind);
    const count = sampled ? histogram.count : timed.count;
    // Statuses that the engine counts for the whole run are a name's where it is the only one.
    const isWhole = kind === 'request' && !sources.outcomesBySample && count === totals.requests;
    const outcomes = isWhole ? { failed: totals.failed } : told(outcomesOf(name, sources, totals));
    return {
      name: name.name,
      kind,
      count,
      ...outcomes,
      perSecond: count / seconds,
      ...(sampled ? { latency: latencyOfName(name) } : { meanMs: timed.sumUs / count / 1_000 }),
      statuses: Object.fromEntries(isWhole ? counts.statuses : name.statuses()),
      ...(sampled && !Number.isNaN(name.bytes) ? { bytes: name.bytes } : {}),
    };
  }

  return {
    measure(withSeries) {
      const sources = sourcesOf(counts, sampling);
      const { sampled, outcomesBySample } = sources;
      const load = loadOf(counts, sampling);
      const seconds = Math.max(load.endedMs - load.startedMs, shortestMs) / 1_000;
      const { requests: all } = counts;
      const totals = totalsOf(counts, sources, seconds);
      const hasLoad = isStretch(load);
      const facts = hasLoad ? { loadStartedMs: load.startedMs, loadEndedMs: load.endedMs } : {};
      const stats = counts.names.all
        .filter((name) => (sampled.has(name.kind) ? name.histogram.count : name.timed.count) > 0)
        .map((name) => ({
          name,
          stats: nameStats(name, { sources, totals, seconds }),
        }))
        .sort((a, b) => byKindAndCount(a.stats, b.stats));
      const errors = counts.errors.stats(outcomesBySample);
      return {
        sampling,
        ...facts,
        totals,
        ...(all.count === 0 ? {} : { latency: latencyOf(all, counts.failedRequests) }),
        distribution: distributionOf(all),
        names: stats.map(({ name, stats: its }) =>
          withSeries === 'with-series'
            ? { ...its, series: counts.names.courseOf(name, courseOptions(name, sources, totals)) }
            : its,
        ),
        errors,
        statuses: Object.fromEntries(outcomesBySample ? sumStatuses(counts) : counts.statuses),
        generator: generator.health({
          ...facts,
          plan,
          usersStarted: totals.usersStarted,
          errors,
          requests: totals.requests,
          requestsBetween: (fromMs, toMs) =>
            counts.series.requestsBetween(fromMs, toMs, sampled.has('request')),
          isOver: counts.isOver,
        }),
        slo: judge(slo, {
          of: (scope) => measuredOf(scope, { counts, sources, all, totals, seconds }),
          worstWindow(rule, windowMs) {
            const requests = sampled.has('request');
            return worstWindow(rule, windowMs, { sampled: requests, outcomesBySample, load });
          },
        }),
        unreadable: [...counts.unreadable].map(([file, its]) => ({ file, ...its })),
        ...notesOf(counts, {
          sampling,
          sources,
          totals,
          names: stats.map(({ stats: its }) => its),
        }),
      };
    },
    series(from) {
      const { sampled, outcomesBySample } = sourcesOf(counts, sampling);
      return counts.series.columns(from, {
        sampled: sampled.has('request'),
        outcomesBySample,
        errors: counts.errors.courses(outcomesBySample, from),
      });
    },
    sources() {
      const { sampled, outcomesBySample } = sourcesOf(counts, sampling);
      const byEngine = counts.errors.countedByEngine(outcomesBySample);
      const { told } = counts.series;
      return [sampled.has('request'), outcomesBySample, ...told, ...byEngine].join(' ');
    },
  };
}

function sourcesOf({ names, isOver }: Counts, sampling: Sampling): Sources {
  const sampled = new Set(
    names.all.filter(({ histogram }) => histogram.count > 0).map(({ kind }) => kind),
  );
  const outcomesBySample = sampling.requests === 'each' && sampled.has('request');
  return { sampled, outcomesBySample, isOver };
}

/** By what has the truest times: a request's own row, else samples that were given the time of their interval, else intervals. */
function loadOf({ load }: Counts, { requests }: Sampling): Stretch {
  const known = requests === 'each' ? load.requests : load.samples;
  return [known, load.samples].find(isStretch) ?? load.intervals;
}

function isStretch({ startedMs, endedMs }: Stretch): boolean {
  return endedMs >= startedMs;
}

function totalsOf(counts: Counts, sources: Sources, seconds: number): Totals {
  const { names, statuses, users, bytes } = counts;
  const sampled = sources.sampled.has('request');
  const all = names.all.filter(({ kind }) => kind === 'request');
  const requests = sampled ? counts.requests.count : counts.requestsByEngine;
  // Of a run that has not begun, nothing is what there is.
  const untold = names.all.length === 0 ? 0 : undefined;
  const { sent: bytesSent = untold } = bytes;
  const { started: usersStarted = untold, finished: usersFinished = untold } = users;
  // The engine's own count, if it has one.
  const received = bytes.received || sum(all, (name) => name.bytes);
  const badStatuses = sum([...statuses], ([status, count]) => (status >= 400 ? count : 0));
  const failed = sources.outcomesBySample
    ? sum(all, (name) => name.failed)
    : Math.min(badStatuses, requests);
  const otherErrors = sum(counts.errors.totals(sources.outcomesBySample), ({ other }) => other);
  return {
    requests,
    failed,
    otherErrors,
    errorShare:
      requests + otherErrors === 0 ? 0 : (failed + otherErrors) / (requests + otherErrors),
    perSecond: requests / seconds,
    ...(Number.isNaN(received) ? {} : { bytesReceived: received }),
    ...(bytesSent === undefined ? {} : { bytesSent }),
    ...(usersStarted === undefined ? {} : { usersStarted }),
    ...(usersFinished === undefined ? {} : { usersFinished }),
    usersPeak: users.peak,
    ...(counts.oneWay > 0 ? { oneWay: counts.oneWay } : {}),
  };
}

function sum<Item>(items: readonly Item[], figure: (item: Item) => number): number {
  return items.reduce((total, item) => total + figure(item), 0);
}

function sumStatuses({ names }: Counts): Map<number, number> {
  const sums = new Map<number, number>();
  for (const name of names.all) {
    if (name.kind !== 'request') continue;
    for (const [status, count] of name.statuses())
      sums.set(status, (sums.get(status) ?? 0) + count);
  }
  return sums;
}

function latencyOf(histogram: Histogram, failures: Histogram | undefined): Latency {
  const { minUs, maxUs, sumUs, count } = histogram;
  const [p50 = 0, p90 = 0, p95 = 0, p99 = 0, p999 = 0] = histogram.percentiles([
    50, 90, 95, 99, 99.9,
  ]);
  return {
    minMs: minUs / 1_000,
    meanMs: sumUs / count / 1_000,
    maxMs: maxUs / 1_000,
    p50Ms: p50 / 1_000,
    p90Ms: p90 / 1_000,
    p95Ms: p95 / 1_000,
    p99Ms: p99 / 1_000,
    p999Ms: p999 / 1_000,
    ...(failures === undefined || failures.count === count
      ? {}
      : { p95OkMs: histogram.percentileWithout(failures, 95) / 1_000 }),
  };
}

/** As many of the histogram's own buckets in each bin as it takes to have no more than `maxBins` from the smallest to the largest value. */
function distributionOf(histogram: Histogram): DistributionBin[] {
  if (histogram.count === 0) return [];
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  histogram.visit((index) => {
    first = Math.min(first, index);
    last = index;
  });
  let bits = 0;
  while ((last >> bits) - (first >> bits) + 1 > maxBins) bits += 1;
  const bins: number[] = new Array((last >> bits) - (first >> bits) + 1).fill(0);
  histogram.visit((index, count) => {
    const bin = (index >> bits) - (first >> bits);
    bins[bin] = (bins[bin] ?? 0) + count;
  });
  return bins.map((count, bin) => ({
    upToMs: highestOf((((first >> bits) + bin + 1) << bits) - 1) / 1_000,
    count,
  }));
}

function byKindAndCount(a: NameStats, b: NameStats): number {
  return (
    kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
    Number(a.name === otherName) - Number(b.name === otherName) ||
    b.count - a.count ||
    (a.name < b.name ? -1 : 1)
  );
}

function measuredOf(
  scope: SloScope,
  {
    counts,
    sources,
    all,
    totals,
    seconds,
  }: Readonly<{
    counts: Counts;
    sources: Sources;
    all: Histogram;
    totals: Totals;
    seconds: number;
  }>,
): Measured | undefined {
  const { sampled } = sources;
  if (scope.kind === 'run') {
    const figures = { count: totals.requests, perSecond: totals.perSecond };
    const share =
      totals.requests + totals.otherErrors > 0
        ? { errorShare: totals.errorShare, failedShare: totals.errorShare }
        : {};
    if (sampled.has('request')) return { ...figures, ...share, ...ofHistogram(all) };
    const timed = counts.names.all
      .filter(({ kind }) => kind === 'request')
      .map((name) => name.timed);
    return { ...figures, ...share, ...ofTimed(timed) };
  }
  const name = counts.names.find(scope.kind, scope.name);
  if (name === undefined) return undefined;
  const { count } = sampled.has(scope.kind) ? name.histogram : name.timed;
  const { failed, failedAtMost, transactions = count } = outcomesOf(name, sources, totals);
  if (transactions === 0) return undefined;
  return {
    count,
    perSecond: count / seconds,
    ...sharesOf({ failed, failedAtMost, ends: transactions }, totals),
    ...(sampled.has(scope.kind) ? ofHistogram(name.histogram) : ofTimed([name.timed])),
  };
}

function ofHistogram(histogram: Histogram): Partial<Measured> {
  const { count, sumUs, minUs, maxUs } = histogram;
  if (count === 0) return {};
  return {
    meanMs: sumUs / count / 1_000,
    minMs: minUs / 1_000,
    maxMs: maxUs / 1_000,
    percentileMs: (percent) => histogram.percentile(percent) / 1_000,
  };
}

function ofTimed(timed: readonly NameCounts['timed'][]): Partial<Measured> {
  const count = timed.reduce((sum, its) => sum + its.count, 0);
  if (count === 0) return {};
  const minUs = timed.reduce((least, its) => Math.min(least, its.minUs), Number.POSITIVE_INFINITY);
  const maxUs = timed.reduce((most, its) => Math.max(most, its.maxUs), 0);
  return {
    meanMs: timed.reduce((sum, its) => sum + its.sumUs, 0) / count / 1_000,
    ...(Number.isFinite(minUs) ? { minMs: minUs / 1_000 } : {}),
    ...(maxUs > 0 ? { maxMs: maxUs / 1_000 } : {}),
  };
}

function notesOf(
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
      `samples or intervals with a time that cannot be: ${timeless}; they are counted, but not drawn over time`,
    );
  }
  return notes.length === 0 ? {} : { notes };
}

/** What is to be known before these durations are compared with another engine's. */
function durationNotes({ duration, resolutionUs = 0 }: Sampling): string[] {
  return [
    ...(duration === 'without-connect'
      ? ['durations are without the time that opening a connection took']
      : []),
    ...(duration === 'first-byte'
      ? ['durations end with the first byte of the answer, not with its last']
      : []),
    ...(resolutionUs >= 1_000
      ? [`the engine writes durations down to ${resolutionUs / 1_000} ms, not more exactly`]
      : []),
  ];
}

/** An engine that is killed has counted what it did not come to write down. */
function unsampledNotes({ requests, requestsByEngine }: Counts, sampling: Sampling): string[] {
  const missing = requestsByEngine - requests.count;
  if (sampling.requests === 'intervals' || missing <= 0) return [];
  if (requests.count === 0)
    return ['the engine counted the requests, but left no record of their durations'];
  return [
    `the engine counted ${formatInteger(requestsByEngine)} requests, ${formatInteger(missing)} of which it left no record of: those are in none of these numbers`,
  ];
}

/** Users of whom the engine itself says that they waited in vain. */
function unanswered({ errors }: Counts, { outcomesBySample }: Sources): number {
  const kinds = errors.totals(outcomesBySample).filter(({ counts }) => isUnanswered(counts.kind));
  return sum(kinds, ({ count }) => count);
}

function isUnanswered(kind: string): boolean {
  return kind.endsWith('never_answered');
}

/** Where a load is cut while users wait, the slowest answers are those that are missing. */
function unfinishedNotes(totals: Totals, inVain: number): string[] {
  const { bytesSent, oneWay = 0, requests, usersStarted = 0, usersFinished = 0 } = totals;
  const what = bytesSent === 0 ? 'sent' : 'answered';
  const waiting = usersStarted - usersFinished - inVain;
  return [
    ...(inVain > 0
      ? [
          `${inVain} of ${usersStarted} users were ended while they waited for answers: each is counted as an error, but has no duration, so percentiles can be too low`,
        ]
      : []),
    ...(waiting > 0
      ? [
          `${waiting} of ${usersStarted} users were still under way when the load ended: what they waited for is counted neither as a request nor as an error, so percentiles can be too low`,
        ]
      : []),
    ...(usersStarted > 0 && requests + oneWay === 0 ? [`not one request was ${what}`] : []),
    ...(oneWay > 0 ? [oneWayNote(requests, oneWay)] : []),
  ];
}

function oneWayNote(requests: number, oneWay: number): string {
  return requests === 0
    ? `requests sent: ${formatInteger(oneWay)}, none of which asked for an answer`
    : `requests sent that asked for no answer: ${formatInteger(oneWay)}; they are not among those that were measured`;
}
