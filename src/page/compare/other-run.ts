/** Reads the run to compare with: a summary.json, or a report.html with one inside. */

import { readEmbedded } from '../page-data.ts';
import { list, number, record, string } from './checked.ts';

type OtherLatency = Readonly<Record<(typeof latencies)[number], number>>;

export type OtherName = Readonly<{
  name: string;
  kind: string;
  count: number;
  failed?: number;
  perSecond: number;
  latency?: OtherLatency;
}>;

/** What a comparison needs of a summary; this run's own summary is one too. */
export type OtherRun = Readonly<{
  run: Readonly<{ id: string; outcome?: Readonly<{ kind: string }> }>;
  generator?: Readonly<{ verdict: string }>;
  loadStartedMs?: number;
  totals: Readonly<{
    requests: number;
    errorShare: number;
    perSecond: number;
    bytesReceived?: number;
    usersPeak: number;
  }>;
  latency?: OtherLatency;
  names: readonly OtherName[];
  series: Readonly<{
    startMs: number;
    stepMs: number;
    requests: readonly number[];
    p95Ms: readonly (number | null)[];
  }>;
}>;

const latencies = ['meanMs', 'p50Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'p999Ms', 'maxMs'] as const;

/** Throws an Error that says what is wrong with anything that is not a summary. */
export function parseOtherRun(text: string): OtherRun {
  return summaryOf(text.trimStart().startsWith('<') ? embeddedIn(text) : parseJson(text));
}

function embeddedIn(html: string): unknown {
  const json = /<script type="application\/json" id="onager-data">([^<]*)<\/script>/.exec(
    html,
  )?.[1];
  if (json === undefined) throw new Error('this HTML file is not an Onager report');
  return readEmbedded(json)?.summary;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('this file is neither a summary.json nor a report.html');
  }
}

function summaryOf(input: unknown): OtherRun {
  const summary = record(input, 'the summary');
  if (summary['schema'] !== 'onager.summary/1') {
    throw new Error('this is not an Onager summary ("schema" must be "onager.summary/1")');
  }
  const totals = record(summary['totals'], 'totals');
  const series = record(summary['series'], 'series');
  const startedMs = summary['loadStartedMs'];
  return {
    run: runOf(record(summary['run'], 'run')),
    ...generatorOf(summary['generator']),
    ...(startedMs === undefined ? {} : { loadStartedMs: number(startedMs, 'loadStartedMs') }),
    totals: {
      requests: number(totals['requests'], 'totals.requests'),
      errorShare: number(totals['errorShare'], 'totals.errorShare'),
      perSecond: number(totals['perSecond'], 'totals.perSecond'),
      ...(totals['bytesReceived'] === undefined
        ? {}
        : { bytesReceived: number(totals['bytesReceived'], 'totals.bytesReceived') }),
      usersPeak: number(totals['usersPeak'], 'totals.usersPeak'),
    },
    ...latencyOf(summary['latency']),
    names: list(summary['names'], 'names').map(nameOf),
    series: {
      startMs: number(series['startMs'], 'series.startMs'),
      stepMs: number(series['stepMs'], 'series.stepMs'),
      requests: list(series['requests'], 'series.requests').map((value) =>
        number(value, 'series.requests'),
      ),
      p95Ms: list(series['p95Ms'], 'series.p95Ms').map((value) =>
        value === null ? null : number(value, 'series.p95Ms'),
      ),
    },
  };
}

function runOf(run: Readonly<Record<string, unknown>>): OtherRun['run'] {
  const id = string(run['id'], 'run.id');
  const { outcome } = run;
  if (outcome === undefined) return { id };
  return { id, outcome: { kind: string(record(outcome, 'run.outcome')['kind'], 'run.outcome') } };
}

function generatorOf(input: unknown): Pick<OtherRun, 'generator'> {
  if (input === undefined) return {};
  const verdict = string(record(input, 'generator')['verdict'], 'generator.verdict');
  return { generator: { verdict } };
}

function nameOf(input: unknown): OtherName {
  const stats = record(input, 'names');
  // In an earlier version, a transaction counted its failed requests.
  const failed = stats['requests'] === undefined ? stats['failed'] : undefined;
  return {
    name: string(stats['name'], 'names.name'),
    kind: string(stats['kind'], 'names.kind'),
    count: number(stats['count'], 'names.count'),
    ...(failed === undefined ? {} : { failed: number(failed, 'names.failed') }),
    perSecond: number(stats['perSecond'], 'names.perSecond'),
    ...latencyOf(stats['latency']),
  };
}

function latencyOf(input: unknown): Readonly<{ latency?: OtherLatency }> {
  if (input === undefined) return {};
  const latency = record(input, 'latency');
  const at = (key: (typeof latencies)[number]): number => number(latency[key], `latency.${key}`);
  return {
    latency: {
      meanMs: at('meanMs'),
      p50Ms: at('p50Ms'),
      p90Ms: at('p90Ms'),
      p95Ms: at('p95Ms'),
      p99Ms: at('p99Ms'),
      p999Ms: at('p999Ms'),
      maxMs: at('maxMs'),
    },
  };
}
