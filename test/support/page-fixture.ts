/** Runs as the page may get them: storefront, an hour of 200 names, failed, idle, waiting. */

import type { LoadPhase } from '../../src/engine/engine.ts';
import type { Summary } from '../../src/report/summary.ts';
import type { Measurements } from '../../src/results/measurements.ts';
import {
  type Phase,
  phases,
  type RunFacts,
  type RunState,
  type Stage,
} from '../../src/run/state.ts';
import type { SloVerdict } from '../../src/slo/result.ts';
import { type NameModel, simulate } from './page-simulation.ts';
import { sloResult } from './slo.ts';

export type PageData = Readonly<{ run: RunState; summary?: Summary }>;

export const launchedMs = Date.UTC(2026, 4, 12, 12, 20, 0);
const loadMs = launchedMs + 9_000;

const identity = {
  instanceId: 'i-0f3a9c1d2e4b5a678',
  launchedAt: iso(launchedMs),
  imageId: 'ami-0abc1234def567890',
  instanceType: 'c7i.large',
  architecture: 'x86_64',
  region: 'eu-west-1',
  availabilityZone: 'eu-west-1a',
  accountId: '123456789012',
  launchIndex: 0,
  publicIp: '203.0.113.17',
};

const storefrontPhases: readonly LoadPhase[] = [
  { name: 'warm-up', startMs: 0, durationMs: 30_000, arrivalRate: 3 },
  { name: 'ramp', startMs: 30_000, durationMs: 40_000, arrivalRate: 9 },
  { name: 'peak', startMs: 70_000, durationMs: 70_000, arrivalRate: 18 },
  { name: 'cool-down', startMs: 140_000, durationMs: 40_000, arrivalRate: 5 },
];

const atPeak = (seconds: number): number => (seconds > 88 && seconds < 126 ? 0.11 : 0.002);

const storefrontNames: readonly NameModel[] = [
  { name: 'GET /', kind: 'request', weight: 0.3, ms: 21, spread: 0.35 },
  { name: 'GET /category/{id}', kind: 'request', weight: 0.22, ms: 34, spread: 0.4 },
  { name: 'GET /product/{id}', kind: 'request', weight: 0.24, ms: 42, spread: 0.4 },
  { name: 'GET /search', kind: 'request', weight: 0.1, ms: 88, spread: 0.6 },
  { name: 'POST /cart', kind: 'request', weight: 0.08, ms: 55, spread: 0.45 },
  { name: 'GET /checkout', kind: 'request', weight: 0.03, ms: 160, spread: 0.5, failing: atPeak },
  { name: 'POST /order', kind: 'request', weight: 0.03, ms: 240, spread: 0.6, failing: atPeak },
  { name: 'browse', kind: 'transaction', weight: 0.1, ms: 410, spread: 0.3 },
  { name: 'checkout', kind: 'transaction', weight: 0.03, ms: 980, spread: 0.5, failing: atPeak },
];

const rules = [
  'p95 < 300ms',
  'errors < 1%',
  'transaction(checkout).p99 < 2s',
  'throughput > 50/s',
] as const;

/** The verdict on the rules, from what was measured. */
function slo({ latency, totals, names }: Measurements): SloVerdict {
  const checkout = names.find(({ name }) => name === 'checkout')?.latency?.p99Ms ?? 0;
  const p95 = latency?.p95Ms ?? 0;
  const results = [
    sloResult(rules[0], p95 < 300, { measured: p95 }),
    sloResult(rules[1], totals.errorShare < 0.01, { measured: totals.errorShare }),
    sloResult(rules[2], checkout < 2000, { measured: checkout }),
    sloResult(rules[3], totals.perSecond > 50, { measured: totals.perSecond }),
  ];
  return { verdict: results.every(({ ok }) => ok) ? 'pass' : 'fail', rules: results };
}

/** Three minutes of a shop whose checkout fails at the peak. `seconds`: how much of it is over. */
export function storefront({ seconds = 180 }: { seconds?: number } = {}): Required<PageData> {
  const ended = seconds >= 180;
  const measured = simulate({
    startMs: loadMs,
    seconds,
    phases: storefrontPhases,
    names: storefrontNames,
    requestsPerUser: 8,
    userSeconds: 14,
  });
  return pageData(
    { ...measured, slo: slo(measured) },
    storefrontPhases,
    runState(ended ? complete : { phase: 'running' }, loadMs + seconds * 1000),
  );
}

/** The same shop after a repair: every rule is met. */
export function repaired(): Required<PageData> {
  const measured = simulate({
    startMs: loadMs + 86_400_000,
    seconds: 180,
    phases: storefrontPhases,
    names: storefrontNames.map(({ failing, ...name }) => ({
      ...name,
      ms: name.ms * 0.82,
      spread: name.spread * 0.6,
    })),
    requestsPerUser: 8,
    userSeconds: 14,
  });
  const state = runState(complete, loadMs + 180_000);
  return pageData({ ...measured, slo: slo(measured) }, storefrontPhases, {
    ...state,
    runId: '20260513T122000Z-i-0aa1bb2cc3dd4ee5f',
  });
}

/** An hour with `names` names, of which one in a hundred fails now and then. */
export function hour({ names = 200 }: { names?: number } = {}): Required<PageData> {
  const loadPhases: readonly LoadPhase[] = [
    { name: 'ramp', startMs: 0, durationMs: 600_000, arrivalRate: 6 },
    { name: 'steady', startMs: 600_000, durationMs: 2_400_000, arrivalRate: 14 },
    { name: 'spike', startMs: 3_000_000, durationMs: 600_000, arrivalRate: 20 },
  ];
  const measured = simulate({
    startMs: loadMs,
    seconds: 3_600,
    phases: loadPhases,
    names: Array.from({ length: names }, (_, index) => ({
      name: `GET /api/v2/resource-${String(index).padStart(4, '0')}/items`,
      kind: 'request' as const,
      weight: 1 / names,
      ms: 12 + (index % 37) * 4,
      spread: 0.4,
      ...(index % 100 === 7 ? { failing: () => 0.04 } : {}),
    })),
    requestsPerUser: 6,
    userSeconds: 40,
  });
  return pageData(measured, loadPhases, runState(complete, loadMs + 3_600_000));
}

/** The spot instance was reclaimed, and the generator was at its limit. */
export function interrupted(): Required<PageData> {
  const { run, summary } = storefront();
  return {
    run: {
      ...run,
      phase: 'finished',
      outcome: {
        kind: 'interrupted',
        problem: {
          code: 'INTERNAL',
          message: 'EC2 took the spot instance back at 12:22:10',
          hint: 'use on-demand capacity, or repeat the run',
        },
      },
    },
    summary: {
      ...summary,
      generator: {
        verdict: 'suspect',
        reasons: ['CPU was above 90 % for 41 s', '312 of 1,910 planned users were not started'],
        cpuMaxPercent: 99,
      },
      slo: { verdict: 'none', rules: [] },
    },
  };
}

/** A scenario with two mistakes: nothing was fired. */
export function failed(): PageData {
  const { engine, publish, nativeReport, ...facts } = factsOf('failed', launchedMs + 4_000);
  return {
    run: {
      ...facts,
      phase: 'failed',
      problems: [
        {
          code: 'USAGE',
          message: 'the probabilities of the sessions add up to 110, not 100',
          hint: 'change "probability" of one session so that the sum is 100',
          where: 'tsung.xml:41',
        },
        {
          code: 'USAGE',
          message: 'the host "shop.exmaple.test" has no address',
          hint: 'check the spelling of <server host="…">, and that this VPC resolves it',
          where: 'tsung.xml:12',
        },
      ],
    },
  };
}

/** Launched without a scenario. */
export function idle(): PageData {
  const { scenario, engine, publish, nativeReport, ...facts } = factsOf('idle', launchedMs + 1_000);
  return { run: { ...facts, phase: 'idle', warnings: [] } };
}

/** Before anything is known. */
export function waiting(): PageData {
  const { instance, scenario, engine, publish, nativeReport, ...facts } = factsOf(
    'waiting',
    launchedMs,
  );
  return {
    run: {
      ...facts,
      phase: 'waiting',
      settings: [],
      warnings: [],
      awaiting: {
        what: 'the instance metadata service',
        since: iso(launchedMs),
        lastAnswer: 'connection refused by 169.254.169.254:80',
      },
    },
  };
}

/** How many phases have ended. */
const phasesBefore: Partial<Record<Phase, number>> = { failed: 3, running: 4, finished: 7 };

const complete: Stage = { phase: 'finished', outcome: { kind: 'complete' } };

function runState(stage: Stage, atMs: number): RunState {
  return { ...factsOf(stage.phase, atMs), ...stage };
}

function factsOf(phase: Phase, atMs: number): RunFacts {
  const done = phase === 'finished';
  const offsets = [0, 700, 1_300, 1_700, 9_000, 189_000, 190_100, 191_400];
  const reached = phasesBefore[phase] ?? 0;
  const alone = phases.filter((each) => each !== 'gathering');
  const records = alone.slice(0, reached + 1).map((each, index) => ({
    phase: each,
    startedAt: iso(launchedMs + (offsets[index] ?? 0)),
    ...(index < reached ? { endedAt: iso(launchedMs + (offsets[index + 1] ?? 0)) } : {}),
  }));
  return {
    version: 1,
    onager: '0.1.0',
    runId: `20260512T122000Z-${identity.instanceId}`,
    phases:
      phase === 'failed' || phase === 'idle'
        ? [...records, { phase, startedAt: iso(atMs) }]
        : records,
    instance: identity,
    machine: { kernel: 'Linux 6.8.0-1021-aws', cpus: 2, memoryBytes: 4_062_945_280 },
    settings: [
      { key: 'vars.TARGET_HOST', value: 'shop.example.test', source: 'user-data' },
      { key: 'slo', value: rules.map((rule) => `- ${rule}`).join('\n'), source: 'scenario' },
      { key: 'publish.to', value: 's3://acme-load-tests/shop', source: 'user-data' },
      { key: 'report.access', value: '[redacted]', source: 'tag onager:report.access' },
      { key: 'lifetime', value: '12h', source: 'default' },
    ],
    scenario: {
      name: 'storefront',
      form: 'zip',
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      bytes: 3_412,
      files: 4,
      entry: 'tsung.xml',
    },
    engine: {
      name: 'Tsung',
      version: '1.7.0',
      runtime: 'Erlang/OTP 25',
      plannedDurationMs: 180_000,
      plannedUsers: 1_910,
      loadPhases: storefrontPhases,
      targets: ['shop.example.test:443'],
      changes: [
        {
          what: '<clients> replaced by this machine: 2 CPUs, 60,000 users at most',
          why: 'the hosts in the scenario are not the instance that fires',
          where: 'tsung.xml:8',
        },
        {
          what: '<monitoring> left out',
          why: 'it needs ssh to the target, which an instance does not have',
          where: 'tsung.xml:16',
        },
        {
          what: 'dumptraffic="protocol" set',
          why: 'percentiles need a row for each request (setting samples)',
          where: 'tsung.xml:3',
        },
      ],
      sampling: { requests: 'each' },
      startedAt: iso(loadMs),
      ...(done ? { endedAt: iso(launchedMs + 189_000) } : {}),
    },
    problems: [],
    warnings: [
      {
        code: 'USAGE',
        message: 'the think time of session "buyer" is 0, so its users never pause',
        hint: 'add <thinktime value="2" random="true"/> between its requests',
        where: 'tsung.xml:57',
      },
    ],
    publish: {
      to: 's3://acme-load-tests/shop/20260512T122000Z-i-0f3a9c1d2e4b5a678',
      objects: done ? 31 : 9,
      bytes: done ? 4_120_331 : 812_044,
      pending: done ? 0 : 2,
      whole: done,
      lastUploadAt: iso(atMs),
    },
    ...(done ? { nativeReport: 'report.html' } : {}),
  };
}

function pageData(
  measured: Measurements,
  loadPhases: readonly LoadPhase[],
  state: RunState,
): Required<PageData> {
  const seconds = measured.series.requests.length;
  const done = state.phase === 'finished';
  const { instance, machine, scenario } = state;
  const engine = state.engine && {
    ...state.engine,
    loadPhases,
    plannedDurationMs: loadPhases.reduce((total, { durationMs }) => total + durationMs, 0),
  };
  return {
    run: engine ? { ...state, engine } : state,
    summary: {
      schema: 'onager.summary/1',
      final: done,
      generatedAt: iso(loadMs + seconds * 1000),
      onager: state.onager,
      run: {
        id: state.runId,
        phase: state.phase,
        ...(done ? { outcome: { kind: 'complete' } } : {}),
        problems: [],
        warnings: [],
      },
      ...(instance && { instance }),
      ...(machine && { machine }),
      ...(scenario && { scenario }),
      ...(engine && { engine }),
      loadPhases,
      ...measured,
    },
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
