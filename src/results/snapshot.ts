/** Turns counts into measurements: rates, percentiles, verdicts. */

import type { Sampling } from '../engine/engine.ts';
import { otherName } from '../engine/samples.ts';
import type { SloRule, SloScope } from '../slo/rule.ts';
import type { TimeAxis } from './counting/axis.ts';
import type { Counts } from './counting/counts.ts';
import type { Histogram } from './counting/histogram.ts';
import type { NameCounts } from './counting/names.ts';
import type { Stretch } from './counting/stretch.ts';
import type { PlannedLoad } from './generator/planned-users.ts';
import { distributionOf, latencyOf } from './latency.ts';
import type { Latency, Measurements, NameStats, Series, Totals } from './measurements.ts';
import type { Generators } from './members/members.ts';
import { failedOf, type Sources, sharesOf } from './name-outcomes.ts';
import { kinds, notesOf, unrecordedOf } from './notes.ts';
import { judge, type Measured } from './slo/judge.ts';
import { createWindows } from './slo/windows.ts';
import { exactly, type SucceededDurations } from './slo/without-failed.ts';
import { sum } from './sum.ts';

/** The shortest time for a rate: one request of 5 ms is not "200 a second". */
const shortestMs = 1_000;

export type MeasurerOptions = Readonly<{
  sampling: Sampling;
  slo: readonly SloRule[];
  plan: PlannedLoad;
}>;

type Measurer = Readonly<{
  /** Everything except the run's series; the names' own series on demand. */
  measure(names: 'with-series' | 'without-series'): Omit<Measurements, 'series'>;
  /** The steps from `from` on; while the run goes on, without the newest that are not whole. */
  series(from: number): Series;
  /** How many steps the series has, and how many of these are known in all columns. */
  steps(): Readonly<{ all: number; known: number }>;
  /**
   * Changes when figures from the engine's own counts are now taken from samples, or the other
   * way round.
   */
  sources(): string;
}>;

export function createMeasurer(
  counts: Counts,
  generators: Pick<Generators, 'health'>,
  { sampling, slo, plan }: MeasurerOptions,
): Measurer {
  const worstWindow = createWindows(counts);
  const latencies = new WeakMap<NameCounts, Readonly<{ count: number; latency: Latency }>>();

  /** Recomputed only for names that have new samples. */
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
    const failed = isWhole ? totals.failed : failedOf(name, sources);
    return {
      name: name.name,
      kind,
      count,
      ...(failed === undefined ? {} : { failed }),
      perSecond: count / seconds,
      ...(sampled ? { latency: latencyOfName(name) } : { meanMs: timed.sumUs / count / 1_000 }),
      statuses: Object.fromEntries(isWhole ? counts.statuses : name.statuses()),
      ...(sampled && kind === 'request' && !Number.isNaN(name.bytes) ? { bytes: name.bytes } : {}),
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
      const latency = all.count === 0 ? undefined : latencyOf(all, counts.failedRequests);
      return {
        sampling,
        ...facts,
        totals,
        ...(latency === undefined ? {} : { latency }),
        distribution: distributionOf(all),
        names: stats.map(({ name, stats: its }) =>
          withSeries === 'with-series'
            ? {
                ...its,
                series: counts.names.courseOf(name, {
                  sampled: sampled.has(name.kind),
                  length: wholeSteps(counts, counts.names.axis, sources),
                }),
              }
            : its,
        ),
        errors,
        statuses: Object.fromEntries(outcomesBySample ? sumStatuses(counts) : counts.statuses),
        ...generators.health({
          ...facts,
          plan,
          usersStarted: totals.usersStarted,
          errors,
          requests: totals.requests,
          unrecorded: unrecordedOf(counts, sampling),
          p95Ms: latency?.p95Ms,
          requestsBetween: (fromMs, toMs) =>
            counts.series.requestsBetween(fromMs, toMs, sampled.has('request')),
          isOver: counts.isOver,
          sampled: sampled.has('request'),
          outcomesBySample,
        }),
        slo: judge(
          slo,
          {
            of: (scope) => measuredOf(scope, { counts, sources, all, totals, seconds }),
            worstWindow(rule, windowMs) {
              const requests = sampled.has('request');
              return worstWindow(rule, windowMs, { sampled: requests, outcomesBySample, load });
            },
          },
          {
            isOver: counts.isOver,
            hasEnds: totals.requests + totals.otherErrors > 0,
            passedMs: counts.series.axis.length * counts.series.axis.stepMs,
            plannedMs: plan.plannedDurationMs,
          },
        ),
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
      const sources = sourcesOf(counts, sampling);
      const { sampled, outcomesBySample } = sources;
      const length = wholeSteps(counts, counts.series.axis, sources);
      return counts.series.columns(from, {
        sampled: sampled.has('request'),
        outcomesBySample,
        errors: counts.errors.courses(outcomesBySample, { from, to: length }),
        isOver: counts.isOver,
        length,
      });
    },
    steps() {
      const all = wholeSteps(counts, counts.series.axis, sourcesOf(counts, sampling));
      return { all, known: Math.min(all, counts.series.toldSteps(counts.isOver)) };
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

/** Of a run that is over, the last step counts too, however little of it was measured. */
function wholeSteps(
  { isOver, series }: Counts,
  axis: TimeAxis,
  { sampled, outcomesBySample }: Sources,
): number {
  if (isOver) return axis.length;
  const requests = sampled.has('request') ? 'samples' : 'intervals';
  return series.coverage.wholeSteps(axis, outcomesBySample ? [requests] : [requests, 'intervals']);
}

/**
 * By what has the truest times: a request's own row, else samples that were given the time of their
 * interval, else intervals.
 */
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
  // A run that has not begun has nothing to show.
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
    usersPeak: counts.usersPeak(),
    ...(counts.oneWay > 0 ? { oneWay: counts.oneWay } : {}),
    ...(counts.inFlight > 0 ? { inFlight: counts.inFlight } : {}),
  };
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
    if (sampled.has('request'))
      return {
        ...figures,
        ...share,
        ...ofHistogram(all, exactlyWithout(all, counts.failedRequests)),
      };
    const timed = counts.names.all
      .filter(({ kind }) => kind === 'request')
      .map((name) => name.timed);
    return { ...figures, ...share, ...ofTimed(timed) };
  }
  const name = counts.names.find(scope.kind, scope.name);
  if (name === undefined) return undefined;
  const { count } = sampled.has(scope.kind) ? name.histogram : name.timed;
  if (count === 0) return undefined;
  return {
    count,
    perSecond: count / seconds,
    ...sharesOf({ failed: failedOf(name, sources), ends: count }, totals),
    ...(sampled.has(scope.kind)
      ? ofHistogram(name.histogram, exactlyWithout(name.histogram, name.failures))
      : ofTimed([name.timed])),
  };
}

function exactlyWithout(
  all: Histogram,
  failures: Histogram | undefined,
): SucceededDurations | undefined {
  return failures === undefined || failures.count >= all.count ? undefined : exactly(all, failures);
}

function ofHistogram(
  histogram: Histogram,
  succeeded: SucceededDurations | undefined,
): Partial<Measured> {
  const { count, sumUs, minUs, maxUs } = histogram;
  if (count === 0) return {};
  return {
    meanMs: sumUs / count / 1_000,
    minMs: minUs / 1_000,
    maxMs: maxUs / 1_000,
    percentileMs: (percent) => histogram.percentile(percent) / 1_000,
    ...(succeeded === undefined ? {} : { succeeded }),
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
