/** A made-up load, request by request and always the same: the page's fixtures measure it. */

import type { LoadPhase } from '../../src/engine/engine.ts';
import type { SampleKind } from '../../src/engine/samples.ts';
import type {
  DistributionBin,
  ErrorStats,
  GeneratorDelay,
  Latency,
  Measurements,
  NameStats,
  Series,
} from '../../src/results/measurements.ts';

/**
 * `weight`: share of the requests. `ms`: median. `spread`: sigma of the log-normal. `failing`:
 * share that fails, by time since the start.
 */
export type NameModel = Readonly<{
  name: string;
  kind: SampleKind;
  weight: number;
  ms: number;
  spread: number;
  failing?: (seconds: number) => number;
}>;

export type LoadModel = Readonly<{
  startMs: number;
  seconds: number;
  phases: readonly LoadPhase[];
  names: readonly NameModel[];
  requestsPerUser: number;
  userSeconds: number;
}>;

type Sample = Readonly<{
  second: number;
  ms: number;
  error: string;
  status: string;
  bytes: number;
}>;

export function simulate(model: LoadModel): Measurements {
  const random = generator(42);
  const steps = Array.from({ length: model.seconds }, () => newSamples());
  const byName = new Map<string, Sample[]>(model.names.map(({ name }) => [name, []]));
  const started = Array.from({ length: model.seconds }, (_, second) =>
    poisson(arrivalsAt(model.phases, second), random),
  );
  for (const [second, samples] of steps.entries()) {
    const users = started.slice(Math.max(0, second - 6), second + 1);
    const requests = (sum(users) / users.length) * model.requestsPerUser;
    for (const name of model.names) {
      const made = poisson(requests * name.weight, random);
      for (let index = 0; index < made; index++) {
        const sample = sampleOf(name, second, requests, random);
        byName.get(name.name)?.push(sample);
        if (name.kind === 'request') samples.push(sample);
      }
    }
  }
  const all = steps.flat();
  const series = seriesOf(model, steps, started, random);
  const failed = sum(series.failed);
  const cpu = series.cpuPercent.map((value) => value ?? 0);
  const delays = steps.flatMap(delaysOf).toSorted((a, b) => a - b);
  return {
    sampling: { requests: 'each' },
    loadStartedMs: model.startMs,
    loadEndedMs: model.startMs + model.seconds * 1000,
    totals: {
      requests: all.length,
      failed,
      otherErrors: 0,
      errorShare: all.length === 0 ? 0 : failed / all.length,
      perSecond: all.length / Math.max(1, model.seconds),
      bytesReceived: sum(series.bytesReceived),
      bytesSent: sum(series.bytesSent),
      usersStarted: sum(started),
      usersFinished: sum(started.slice(0, -3)),
      usersPeak: Math.max(0, ...series.users.map((users) => users ?? 0)),
    },
    ...(all.length === 0 ? {} : { latency: latencyOf(all) }),
    distribution: distributionOf(all),
    names: model.names.map((name) => nameStats(model, name, byName.get(name.name) ?? [])),
    errors: errorsOf(model, all),
    statuses: tally(all.map(({ status }) => status)),
    series,
    generator: {
      verdict: 'valid',
      reasons: [],
      ...(delays.length === 0 ? {} : { delay: delayOf(delays, series) }),
      cpuMeanPercent: round(sum(cpu) / Math.max(1, cpu.length)),
      cpuMaxPercent: Math.max(0, ...cpu),
      stealMaxPercent: 0.2,
      memoryMaxPercent: 33.9,
    },
    slo: { verdict: 'none', rules: [] },
    unreadable: [],
  };
}

/** How late ten timers of a second were, in ms: later where there is more to do. */
function delaysOf(samples: readonly Sample[], second: number): readonly number[] {
  const busy = (samples.length / 220) ** 3;
  return Array.from({ length: 10 }, (_, at) => {
    const rest = ((second * 37 + at * 61) % 97) / 97;
    return round(0.06 + 0.08 * rest + busy * rest ** 4 * 6);
  });
}

function delayOf(sorted: readonly number[], { runQueueMean, runQueueMax }: Series): GeneratorDelay {
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  const queues = runQueueMean.map((value) => value ?? 0);
  return {
    count: sorted.length,
    meanMs: sum(sorted) / sorted.length,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: at(1),
    runQueueMean: sum(queues) / queues.length,
    runQueueMax: Math.max(0, ...runQueueMax.map((value) => value ?? 0)),
  };
}

function newSamples(): Sample[] {
  return [];
}

function sampleOf(name: NameModel, second: number, load: number, random: () => number): Sample {
  const wave = 1 + 0.12 * Math.sin(second / 9);
  const pressure = 1 + (load / 220) ** 3;
  const ms = name.ms * wave * pressure * Math.exp(name.spread * normal(random));
  const bytes = Math.round(900 + 9_000 * random());
  if (random() >= (name.failing?.(second) ?? 0)) {
    const status = random() < 0.04 ? '304' : '200';
    return { second, ms, error: '', status, bytes };
  }
  if (random() < 0.15) {
    return { second, ms: ms * 12, error: 'error_connect_timeout', status: '', bytes: 0 };
  }
  return { second, ms: ms * 1.8, error: 'http_500', status: '500', bytes };
}

function seriesOf(
  model: LoadModel,
  steps: readonly (readonly Sample[])[],
  started: readonly number[],
  random: () => number,
): Series {
  const kinds = [...new Set(steps.flat().flatMap(({ error }) => (error === '' ? [] : [error])))];
  const users = started.map((_, second) =>
    Math.round(sum(started.slice(Math.max(0, second - model.userSeconds), second + 1))),
  );
  const percentile = (share: number): (number | null)[] =>
    steps.map((samples) => percentileOf(samples, share));
  const bytesReceived = steps.map((samples) => sum(samples.map(({ bytes }) => bytes)));
  const cpu = steps.map((samples) => round(6 + samples.length / 7 + 3 * random()));
  const delays = steps.map(delaysOf);
  return {
    startMs: model.startMs,
    stepMs: 1000,
    requests: steps.map((samples) => samples.length),
    failed: steps.map((samples) => samples.filter(({ error }) => error !== '').length),
    errors: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        steps.map((samples) => samples.filter(({ error }) => error === kind).length),
      ]),
    ),
    meanMs: steps.map((samples) =>
      samples.length === 0 ? null : round(sum(samples.map(({ ms }) => ms)) / samples.length),
    ),
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
    maxMs: percentile(1),
    users,
    connected: users.map((value) => Math.round(value * 0.82)),
    usersStarted: started,
    bytesReceived,
    bytesSent: steps.map((samples) => samples.length * 412),
    cpuPercent: cpu,
    memoryPercent: steps.map((_, second) => round(22 + 12 * (1 - Math.exp(-second / 60)))),
    networkReceived: bytesReceived.map((value) => Math.round(value * 1.07)),
    networkSent: steps.map((samples) => samples.length * 498),
    delayMeanMs: delays.map((its) => round(sum(its) / its.length)),
    delayMaxMs: delays.map((its) => Math.max(...its)),
    runQueueMean: steps.map((samples) => round(samples.length / 300)),
    runQueueMax: steps.map((samples) => Math.round(samples.length / 100)),
  };
}

function nameStats(model: LoadModel, name: NameModel, samples: readonly Sample[]): NameStats {
  const stepMs = 1000 * Math.max(1, Math.ceil(model.seconds / 120));
  const length = Math.ceil((model.seconds * 1000) / stepMs);
  const steps = Array.from({ length }, () => newSamples());
  for (const sample of samples) steps[Math.floor((sample.second * 1000) / stepMs)]?.push(sample);
  const failed = (list: readonly Sample[]): number =>
    list.filter(({ error }) => error !== '').length;
  return {
    name: name.name,
    kind: name.kind,
    count: samples.length,
    failed: failed(samples),
    perSecond: samples.length / Math.max(1, model.seconds),
    ...(samples.length === 0 ? {} : { latency: latencyOf(samples) }),
    statuses: tally(samples.map(({ status }) => status)),
    bytes: sum(samples.map(({ bytes }) => bytes)),
    series: {
      startMs: model.startMs,
      stepMs,
      count: steps.map((list) => list.length),
      failed: steps.map(failed),
      p50Ms: steps.map((list) => percentileOf(list, 0.5)),
      p95Ms: steps.map((list) => percentileOf(list, 0.95)),
    },
  };
}

function errorsOf(model: LoadModel, samples: readonly Sample[]): readonly ErrorStats[] {
  const counts = tally(samples.map(({ error }) => error));
  return Object.entries(counts).map(([kind, count]) => {
    const its = samples.filter(({ error }) => error === kind);
    const seconds = its.map(({ second }) => second);
    return {
      kind,
      count,
      firstMs: model.startMs + Math.min(...seconds) * 1000,
      lastMs: model.startMs + Math.max(...seconds) * 1000,
      example: 'GET /checkout',
      samples: its.slice(0, 5).map(({ second, status }, index) => ({
        atMs: model.startMs + second * 1000 + index * 137,
        name: 'GET /checkout',
        ...(status === '' ? {} : { status: Number(status) }),
      })),
    };
  });
}

function latencyOf(samples: readonly Sample[]): Latency {
  const at = (share: number): number => percentileOf(samples, share) ?? 0;
  return {
    minMs: at(0),
    meanMs: round(sum(samples.map(({ ms }) => ms)) / samples.length),
    maxMs: at(1),
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
  };
}

function distributionOf(samples: readonly Sample[]): readonly DistributionBin[] {
  const sorted = samples.map(({ ms }) => ms).toSorted((a, b) => a - b);
  const [low = 1, high = 1] = [sorted[0], sorted.at(-1)];
  const bins = 80;
  const found: { upToMs: number; count: number }[] = [];
  let at = 0;
  for (let bin = 1; bin <= bins && sorted.length > 0; bin++) {
    const upToMs = bin === bins ? high : low * (high / low) ** (bin / bins);
    const from = at;
    while (at < sorted.length && (sorted[at] ?? 0) <= upToMs) at++;
    found.push({ upToMs: round(upToMs), count: at - from });
  }
  return found;
}

function percentileOf(samples: readonly Sample[], share: number): number | null {
  if (samples.length === 0) return null;
  const sorted = samples.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}

function arrivalsAt(phases: readonly LoadPhase[], second: number): number {
  const atMs = second * 1000;
  const phase = phases.find(
    ({ startMs, durationMs }) => atMs >= startMs && atMs < startMs + durationMs,
  );
  return phase?.arrivalRate ?? 0;
}

function tally(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const value of values) if (value !== '') counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function poisson(mean: number, random: () => number): number {
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
