/**
 * The real server around a run that a test controls; it can stop and come back at the same address.
 */

import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { silentLog } from '../../src/log.ts';
import type { ResultsEvent } from '../../src/report/reader.ts';
import type { Summary } from '../../src/report/summary.ts';
import type { Measurements, MeasurementsTick, Series } from '../../src/results/measurements.ts';
import type { RunState } from '../../src/run/state.ts';
import { buildServer } from '../../src/web/server.ts';
import type { PageData } from './page-fixture.ts';
import { temporaryFolder } from './temporary.ts';

export type PageServer = Readonly<{
  url: string;
  /** How often the page asked to end the load. */
  stops(): number;
  run(run: RunState): void;
  tick(tick: MeasurementsTick, summary: Summary): void;
  summary(summary: Summary): void;
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}>;

export async function startPageServer({
  html,
  data,
  files = {},
  key,
}: Readonly<{
  html: string;
  data: PageData;
  files?: Readonly<Record<string, string>>;
  key?: string;
}>): Promise<PageServer> {
  let current = data;
  let stops = 0;
  const runListeners = new Set<(run: RunState) => void>();
  const resultListeners = new Set<(event: ResultsEvent) => void>();
  const folder = await temporaryFolder('page');
  const published = await Promise.all(
    Object.entries(files).map(async ([name, content], index) => {
      const path = join(folder, String(index));
      await writeFile(path, content);
      return { key: name, path, bytes: Buffer.byteLength(content) };
    }),
  );

  function build(): FastifyInstance {
    return buildServer({
      state: { current: () => current.run, subscribe: subscribed(runListeners) },
      results: { summary: () => current.summary, subscribe: subscribed(resultListeners) },
      files: { list: async () => published },
      access: () => (key === undefined ? { kind: 'public' } : { kind: 'key', key }),
      onStop: async () => {
        stops += 1;
        return true;
      },
      onExtend: async () => true,
      pageHtml: html,
      log: silentLog(),
      onagerVersion: '0.1.0',
    });
  }

  let server = build();
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const port = portOf(server);

  return {
    url,
    stops: () => stops,
    run(run) {
      current = { ...current, run };
      for (const listener of runListeners) listener(run);
    },
    tick(tick, summary) {
      current = { ...current, summary };
      for (const listener of resultListeners) listener({ type: 'tick', tick });
    },
    summary(summary) {
      current = { ...current, summary };
      for (const listener of resultListeners) listener({ type: 'summary' });
    },
    goAway: () => server.close(),
    async comeBack() {
      server = build();
      await server.listen({ host: '127.0.0.1', port });
    },
    async close() {
      await server.close();
    },
  };
}

/** What the agent sends of `now` to viewers that have its first `from` steps. */
export function tickOf(now: Summary, from: number): MeasurementsTick {
  const { series, names, ...rest } = measurementsOf(now);
  return {
    ...rest,
    names: names.map(({ series: own, ...stats }) => stats),
    seriesFrom: from,
    series: tailOf(series, from),
  };
}

function measurementsOf(summary: Summary): Measurements {
  const {
    schema,
    final,
    generatedAt,
    onager,
    run,
    instance,
    machine,
    scenario,
    engine,
    loadPhases,
    ...rest
  } = summary;
  return rest;
}

function tailOf(series: Series, from: number): Series {
  const tail = <Value>(values: readonly Value[]): readonly Value[] => values.slice(from);
  return {
    startMs: series.startMs + from * series.stepMs,
    stepMs: series.stepMs,
    requests: tail(series.requests),
    failed: tail(series.failed),
    errors: Object.fromEntries(
      Object.entries(series.errors).map(([kind, values]) => [kind, tail(values)]),
    ),
    meanMs: tail(series.meanMs),
    p50Ms: tail(series.p50Ms),
    p95Ms: tail(series.p95Ms),
    p99Ms: tail(series.p99Ms),
    maxMs: tail(series.maxMs),
    users: tail(series.users),
    connected: tail(series.connected),
    usersStarted: tail(series.usersStarted),
    bytesReceived: tail(series.bytesReceived),
    bytesSent: tail(series.bytesSent),
    cpuPercent: tail(series.cpuPercent),
    memoryPercent: tail(series.memoryPercent),
    networkReceived: tail(series.networkReceived),
    networkSent: tail(series.networkSent),
    delayMeanMs: tail(series.delayMeanMs),
    delayMaxMs: tail(series.delayMaxMs),
    runQueueMean: tail(series.runQueueMean),
    runQueueMax: tail(series.runQueueMax),
  };
}

function subscribed<Told>(
  listeners: Set<(told: Told) => void>,
): (listener: (told: Told) => void) => () => void {
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

function portOf(server: FastifyInstance): number {
  const address: string | AddressInfo | null = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}
