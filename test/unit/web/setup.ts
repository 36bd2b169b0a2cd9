/** A server with a run that the test controls. */
import { silentLog } from '../../../src/log.ts';
import type { PublishedFile } from '../../../src/publish/files.ts';
import type { ResultsEvent } from '../../../src/report/reader.ts';
import type { Summary } from '../../../src/report/summary.ts';
import type { MeasurementsTick } from '../../../src/results/measurements.ts';
import type { RunFacts, RunState } from '../../../src/run/state.ts';
import type { PageAccess } from '../../../src/web/auth.ts';
import { buildServer, type ServerOptions } from '../../../src/web/server.ts';

export const key = 'i-0123456789abcdef0';
export const bearer = { authorization: `Bearer ${key}` };
export const pageHtml =
  '<!doctype html><title>Onager</title><style>\r\nbody{}</style><script>go()</script><script type="module">more()</script>';

/** What a phase in which the run's end is known has beside its name. */
export const outcome = { kind: 'complete' } as const;

export const runState: RunFacts & Readonly<{ phase: 'running' }> = {
  version: 1,
  onager: '1.2.3',
  runId: '20261122T221000Z-i-0123456789abcdef0',
  phase: 'running',
  phases: [{ phase: 'running', startedAt: '2026-11-22T22:10:00.000Z' }],
  settings: [],
  problems: [],
  warnings: [],
};

export const measurements: Omit<MeasurementsTick, 'seriesFrom'> = {
  sampling: { requests: 'each' },
  totals: {
    requests: 4_000,
    failed: 40,
    otherErrors: 2,
    errorShare: 0.01,
    perSecond: 100,
    bytesReceived: 5,
    bytesSent: 6,
    usersStarted: 7,
    usersFinished: 3,
    usersPeak: 4,
  },
  latency: {
    minMs: 1,
    meanMs: 12.5,
    maxMs: 900,
    p50Ms: 10,
    p90Ms: 20,
    p95Ms: 30,
    p99Ms: 400,
    p999Ms: 800,
  },
  distribution: [],
  names: [],
  errors: [{ kind: 'a "b"\\c\nd', count: 2, firstMs: 0, lastMs: 0 }],
  statuses: { 200: 3_960, 500: 40 },
  series: {
    startMs: 0,
    stepMs: 1_000,
    requests: [1, 2],
    failed: [0, 0],
    errors: {},
    meanMs: [1, null],
    p50Ms: [1, null],
    p95Ms: [1, null],
    p99Ms: [1, null],
    maxMs: [1, null],
    users: [3, null],
    connected: [null, null],
    usersStarted: [1, 0],
    bytesReceived: [1, 1],
    bytesSent: [1, 1],
    cpuPercent: [20, 25],
    memoryPercent: [null, null],
    networkReceived: [null, null],
    networkSent: [null, null],
    delayMeanMs: [null, null],
    delayMaxMs: [null, null],
    runQueueMean: [null, null],
    runQueueMax: [null, null],
  },
  generator: {
    verdict: 'valid',
    reasons: [],
    delay: {
      ...{ count: 200, meanMs: 0.15, p50Ms: 0.1, p95Ms: 0.4, p99Ms: 2.5, maxMs: 9 },
      ...{ runQueueMean: 0.2, runQueueMax: 3 },
    },
  },
  slo: { verdict: 'none', rules: [] },
  unreadable: [],
};

export const summary: Summary = {
  schema: 'onager.summary/1',
  final: false,
  generatedAt: '2026-11-22T22:10:00.000Z',
  onager: '1.2.3',
  run: { id: runState.runId, phase: 'running', problems: [], warnings: [] },
  loadPhases: [],
  ...measurements,
};

export type World = {
  state: RunState;
  summary: Summary | undefined;
  access: PageAccess | undefined;
  files: PublishedFile[];
  stops: number;
  /** Whether there is a load that can be ended. */
  hasLoad: boolean;
  extensions: number;
  /** How often a summary was asked for. */
  asked: number;
};

export function start(options: Partial<ServerOptions> = {}) {
  const world: World = {
    state: runState,
    summary: undefined,
    access: { kind: 'key', key },
    files: [],
    stops: 0,
    hasLoad: true,
    extensions: 0,
    asked: 0,
  };
  const stateListeners = new Set<(state: RunState) => void>();
  const resultListeners = new Set<(event: ResultsEvent) => void>();
  const server = buildServer({
    state: {
      current: () => world.state,
      subscribe(listener) {
        stateListeners.add(listener);
        return () => stateListeners.delete(listener);
      },
    },
    results: {
      summary() {
        world.asked += 1;
        return world.summary;
      },
      subscribe(listener) {
        resultListeners.add(listener);
        return () => resultListeners.delete(listener);
      },
    },
    files: { list: async () => world.files },
    access: () => world.access,
    onStop: async () => {
      world.stops += 1;
      return world.hasLoad;
    },
    onExtend: async () => {
      world.extensions += 1;
      return world.extensions < 3;
    },
    pageHtml,
    log: silentLog(),
    onagerVersion: '1.2.3',
    ...options,
  });
  return {
    server,
    world,
    setState(state: RunState) {
      world.state = state;
      for (const listener of stateListeners) listener(state);
    },
    tell(event: ResultsEvent) {
      for (const listener of resultListeners) listener(event);
    },
    listeners: () => stateListeners.size + resultListeners.size,
  };
}

export type Started = ReturnType<typeof start>;
