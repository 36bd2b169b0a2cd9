/**
 * The measurements of a run, from its samples alone. Durations are in milliseconds, `…Ms` times in
 * Unix time.
 */

import type { Sampling } from '../engine/engine.ts';
import type { SampleKind } from '../engine/samples.ts';
import type { SloVerdict } from '../slo/result.ts';

/** From every sample, to HDR's 3 significant digits; min, max and mean are exact. */
export type Latency = Readonly<{
  minMs: number;
  meanMs: number;
  maxMs: number;
  p50Ms: number;
  p90Ms: number;
  p95Ms: number;
  p99Ms: number;
  p999Ms: number;
  /** The 95th percentile of those that did not fail, if some did. */
  p95OkMs?: number;
}>;

export type NameStats = Readonly<{
  name: string;
  kind: SampleKind;
  count: number;
  /**
   * Requests that ended with an error or a status of 400 and above; transactions of which at least
   * one such request was part. Absent where that is not known.
   */
  failed?: number;
  perSecond: number;
  /** Absent if the engine gives sums only; then `meanMs` alone is known. */
  latency?: Latency;
  meanMs?: number;
  statuses: Readonly<Record<string, number>>;
  /**
   * Absent if the engine does not report the size of every answer, and for what has no answer of
   * its own, such as a transaction.
   */
  bytes?: number;
  /** The name's own course over the run, in at most 120 steps. */
  series?: NameSeries;
}>;

export type NameSeries = Readonly<{
  startMs: number;
  stepMs: number;
  count: readonly number[];
  failed: readonly number[];
  p50Ms: readonly (number | null)[];
  p95Ms: readonly (number | null)[];
}>;

export type ErrorStats = Readonly<{
  kind: string;
  count: number;
  firstMs: number;
  lastMs: number;
  /** Name of a request that ended this way, if known. */
  example?: string;
  /** The first few by time; absent where the engine only counts them. */
  samples?: readonly ErrorSample[];
}>;

/** One error. `reason`: what the engine says of it, where `kind` does not say that already. */
export type ErrorSample = Readonly<{
  atMs: number;
  name: string;
  status?: number;
  reason?: string;
}>;

/**
 * The run over time: column `i` is the step that starts at `startMs + i * stepMs` (Unix time, ms).
 * All columns have the same length. `null`: nothing was measured in that step. Counts and bytes are
 * per step, not per second; `users`, `connected`, `cpuPercent` and `memoryPercent` are gauges:
 * their mean in the step. Of several members, users and connections are added up, and the busiest
 * machine counts. Percentiles of a step are known to 1 % (8 µs below 1 ms); `maxMs` is
 * exact.
 */
export type Series = Readonly<{
  startMs: number;
  stepMs: number;
  requests: readonly number[];
  failed: readonly number[];
  errors: Readonly<Record<string, readonly number[]>>;
  meanMs: readonly (number | null)[];
  p50Ms: readonly (number | null)[];
  p95Ms: readonly (number | null)[];
  p99Ms: readonly (number | null)[];
  maxMs: readonly (number | null)[];
  users: readonly (number | null)[];
  connected: readonly (number | null)[];
  usersStarted: readonly (number | null)[];
  bytesReceived: readonly (number | null)[];
  bytesSent: readonly (number | null)[];
  cpuPercent: readonly (number | null)[];
  memoryPercent: readonly (number | null)[];
  networkReceived: readonly (number | null)[];
  networkSent: readonly (number | null)[];
  /** The generator's own delay, and its run queue. */
  delayMeanMs: readonly (number | null)[];
  delayMaxMs: readonly (number | null)[];
  runQueueMean: readonly (number | null)[];
  runQueueMax: readonly (number | null)[];
}>;

export type Totals = Readonly<{
  requests: number;
  failed: number;
  /** Errors without a request of their own, such as refused connections. */
  otherErrors: number;
  /** (failed + otherErrors) / (requests + otherErrors), 0 to 1. */
  errorShare: number;
  perSecond: number;
  /** These four are absent if the engine does not count them. */
  bytesReceived?: number;
  bytesSent?: number;
  usersStarted?: number;
  usersFinished?: number;
  usersPeak: number;
  /**
   * Requests that asked for no answer; they are not in `requests`. Absent if there were none.
   */
  oneWay?: number;
  /**
   * Requests that were sent and had no answer yet when the load ended; they are neither in
   * `requests` nor errors. Absent if there were none, or the engine does not count them.
   */
  inFlight?: number;
}>;

/**
 * How many requests took up to `upToMs`, from the previous entry's on: the whole run's distribution
 * in at most 120 bins.
 */
export type DistributionBin = Readonly<{ upToMs: number; count: number }>;

/**
 * The generator's own delay while the load ran: by how much timers came late that a process of the
 * engine asks for. So much can be in every measured duration. `runQueueMean`, `runQueueMax`: how
 * many of the engine's processes waited for a processor meanwhile.
 */
export type GeneratorDelay = Readonly<{
  count: number;
  meanMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  runQueueMean: number;
  runQueueMax: number;
}>;

/**
 * The verdict on the load generator. `strained`: near a limit of its own, so its own delays
 * may be in the figures; `suspect`: beyond one, or the load was not the planned one; `unknown`:
 * it was not watched.
 */
export type GeneratorHealth = Readonly<{
  verdict: 'valid' | 'strained' | 'suspect' | 'unknown';
  reasons: readonly string[];
  /** Absent where the engine does not measure it. */
  delay?: GeneratorDelay;
  /**
   * Where its CPU is a reason: the share of the requests that ended while that was over 80 %, 0 to
   * 1.
   */
  busyRequestShare?: number;
  cpuMeanPercent?: number;
  cpuMaxPercent?: number;
  stealMaxPercent?: number;
  memoryMaxPercent?: number;
}>;

/**
 * What one member of a cluster fired. While its load goes on, `perSecond` and `users` are those of
 * its latest second that is measured; afterwards `perSecond` is that of its whole load, and `users`
 * is absent. `lastMs`: the end of that second.
 */
export type MemberStats = Readonly<{
  instanceId: string;
  requests: number;
  failed: number;
  perSecond: number;
  users?: number;
  lastMs?: number;
  generator: GeneratorHealth;
}>;

/** From the samples alone. */
export type Measurements = Readonly<{
  sampling: Sampling;
  loadStartedMs?: number;
  loadEndedMs?: number;
  totals: Totals;
  latency?: Latency;
  distribution: readonly DistributionBin[];
  names: readonly NameStats[];
  errors: readonly ErrorStats[];
  statuses: Readonly<Record<string, number>>;
  series: Series;
  generator: GeneratorHealth;
  /** Of a cluster, its leader first; absent where the load comes from one instance. */
  members?: readonly MemberStats[];
  slo: SloVerdict;
  unreadable: readonly Readonly<{ file: string; count: number; example: string }>[];
  /**
   * What must be known to read these numbers rightly, such as that names were put together; absent
   * where there is nothing to say.
   */
  notes?: readonly string[];
}>;

/**
 * One second's change: everything but the series, whose steps from index `seriesFrom` on replace
 * those known so far; `series.startMs` is the start of that first step. `names` come without their
 * own series. See `applyTick`.
 */
export type MeasurementsTick = Readonly<
  Omit<Measurements, 'series'> & { seriesFrom: number; series: Series }
>;
