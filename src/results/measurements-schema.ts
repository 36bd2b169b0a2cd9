/** The schemas of what a run measured, for a summary. Their types are in measurements.ts. */

import { samplingSchema } from '../engine/plan-parts.ts';
import { dictionary, list, nullable, number, object, oneOf, type Schema, text } from '../schema.ts';
import { sloVerdictSchema } from '../slo/result-schema.ts';
import type {
  DistributionBin,
  ErrorSample,
  ErrorStats,
  GeneratorDelay,
  GeneratorHealth,
  Latency,
  MemberStats,
  NameSeries,
  NameStats,
  Series,
  Totals,
} from './measurements.ts';

const column: Schema<number[]> = list(number());
const gauges: Schema<(number | null)[]> = list(nullable(number()));

const latency: Schema<Latency> = object(
  {
    minMs: number(),
    meanMs: number(),
    maxMs: number(),
    p50Ms: number(),
    p90Ms: number(),
    p95Ms: number(),
    p99Ms: number(),
    p999Ms: number(),
  },
  { p95OkMs: number() },
);

const nameSeries: Schema<NameSeries> = object({
  startMs: number(),
  stepMs: number(),
  count: column,
  failed: column,
  p50Ms: gauges,
  p95Ms: gauges,
});

const nameStats: Schema<NameStats> = object(
  {
    name: text(),
    kind: oneOf('request', 'transaction', 'page', 'connect'),
    count: number(),
    perSecond: number(),
    statuses: dictionary(number()),
  },
  {
    failed: number(),
    latency,
    meanMs: number(),
    bytes: number(),
    series: nameSeries,
  },
);

const errorSample: Schema<ErrorSample> = object(
  { atMs: number(), name: text() },
  { status: number(), reason: text() },
);

const errorStats: Schema<ErrorStats> = object(
  { kind: text(), count: number(), firstMs: number(), lastMs: number() },
  { example: text(), samples: list(errorSample) },
);

const series: Schema<Series> = object({
  startMs: number(),
  stepMs: number(),
  requests: column,
  failed: column,
  errors: dictionary(column),
  meanMs: gauges,
  p50Ms: gauges,
  p95Ms: gauges,
  p99Ms: gauges,
  maxMs: gauges,
  users: gauges,
  connected: gauges,
  usersStarted: gauges,
  bytesReceived: gauges,
  bytesSent: gauges,
  cpuPercent: gauges,
  memoryPercent: gauges,
  networkReceived: gauges,
  networkSent: gauges,
  delayMeanMs: gauges,
  delayMaxMs: gauges,
  runQueueMean: gauges,
  runQueueMax: gauges,
});

const totals: Schema<Totals> = object(
  {
    requests: number(),
    failed: number(),
    otherErrors: number(),
    errorShare: number(),
    perSecond: number(),
    usersPeak: number(),
  },
  {
    bytesReceived: number(),
    bytesSent: number(),
    usersStarted: number(),
    usersFinished: number(),
    oneWay: number(),
    inFlight: number(),
  },
);

const distributionBin: Schema<DistributionBin> = object({ upToMs: number(), count: number() });

const delay: Schema<GeneratorDelay> = object({
  count: number(),
  meanMs: number(),
  p50Ms: number(),
  p95Ms: number(),
  p99Ms: number(),
  maxMs: number(),
  runQueueMean: number(),
  runQueueMax: number(),
});

const generator: Schema<GeneratorHealth> = object(
  { verdict: oneOf('valid', 'strained', 'suspect', 'unknown'), reasons: list(text()) },
  {
    delay,
    busyRequestShare: number(),
    cpuMeanPercent: number(),
    cpuMaxPercent: number(),
    stealMaxPercent: number(),
    memoryMaxPercent: number(),
  },
);

const member: Schema<MemberStats> = object(
  { instanceId: text(), requests: number(), failed: number(), perSecond: number(), generator },
  { users: number(), lastMs: number() },
);

/** The fields of a summary that were measured, for a schema of the whole. */
export const measured = {
  sampling: samplingSchema,
  totals,
  distribution: list(distributionBin),
  names: list(nameStats),
  errors: list(errorStats),
  statuses: dictionary(number()),
  series,
  generator,
  slo: sloVerdictSchema,
  unreadable: list(object({ file: text(), count: number(), example: text() })),
};

/** Those that may be absent. */
export const measuredOptional = {
  loadStartedMs: number(),
  loadEndedMs: number(),
  latency,
  members: list(member),
  notes: list(text()),
};
