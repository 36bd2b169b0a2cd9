/** What run.json may hold: all that this version writes, more, nothing that misleads a reader. */

import { expect, it } from 'vitest';
import type { RunFacts, RunState } from '../../../src/run/state.ts';
import { parseRunState } from '../../../src/run/state-schema.ts';

const at = '2026-11-22T22:10:00.000Z';
const problem = { code: 'TSUNG_STALLED', message: 'x', hint: 'y', where: 'a.xml:1' } as const;
const least: RunFacts & Readonly<{ phase: 'waiting' }> = {
  version: 1,
  onager: '0.1.0',
  runId: '20261122T221000Z-i-0abc',
  phase: 'waiting',
  phases: [],
  settings: [],
  problems: [],
  warnings: [],
};
const full: RunState = {
  ...least,
  phase: 'finished',
  phases: [{ phase: 'waiting', startedAt: at, endedAt: at }],
  awaiting: { what: 'the bucket', since: at, until: at, lastAnswer: '503' },
  instance: {
    instanceId: 'i-0abc',
    launchedAt: at,
    imageId: '',
    instanceType: 'c7i.large',
    architecture: 'x86_64',
    region: 'eu-central-1',
    availabilityZone: 'eu-central-1a',
    launchIndex: 0,
    lifeCycle: 'spot',
  },
  machine: { kernel: 'Linux 6.8.0', cpus: 2, memoryBytes: 4_096_000_000 },
  cluster: {
    id: 'r-0abc',
    size: 2,
    quorum: 2,
    self: 'i-0abc',
    leader: 'i-0abc',
    members: [
      {
        instanceId: 'i-0def',
        launchIndex: 1,
        address: '10.0.0.5',
        page: 'http://10.0.0.5/',
        cpus: 2,
        state: 'silent',
        share: 0.5,
        clockOffsetMs: -3,
        silentSince: at,
        outcome: 'cut',
      },
    ],
  },
  settings: [{ key: 'engine', value: 'tsung', source: 'user-data' }],
  scenario: { name: 'storefront', form: 'zip', sha256: 'ab', bytes: 1, files: 1, entry: 'a.xml' },
  engine: {
    name: 'tsung',
    version: '1.7.0',
    runtime: 'OTP 25',
    plannedUsers: 0.5,
    loadPhases: [{ name: '1', startMs: 0, durationMs: 5_000, arrivalRate: 2 }],
    targets: ['shop.example.test:80'],
    changes: [{ what: 'dtd', why: 'not there' }],
    sampling: { requests: 'each', requestName: 'a', duration: 'total', resolutionUs: 1 },
    startedAt: at,
    endedAt: at,
  },
  outcome: { kind: 'failed', problem, verdict: { ok: false, message: 'p95' } },
  problems: [problem],
  warnings: [problem],
  publish: { to: 's3://b', objects: 1, bytes: 1, pending: 0, whole: true, lastUploadAt: at },
  nativeReport: 'report.html',
  lifetime: {
    endsAt: at,
    powerOff: {
      at,
      reason: 'after-run',
      action: 'stop',
      pretended: true,
      extendable: false,
    },
    lifecycle: {
      launchedAt: at,
      lifetimeMs: 1,
      after: { action: 'serve', delayMs: 0 },
      publishes: false,
      extendedMs: 0,
      afterRunAt: at,
    },
  },
  stopAskedAt: at,
  interruption: problem,
};

it.each([
  ['the least', least],
  ['everything', full],
  ['an outcome without a problem', { ...full, outcome: { kind: 'cut' } }],
  ['a failure with its outcome', { ...full, phase: 'failed' }],
  ['a failure without one', { ...least, phase: 'failed' }],
])('comes back as it was written: %s', (_, state) => {
  expect(parseRunState(JSON.stringify(state))).toEqual(state);
});

it.each([
  ['a field', { ...full, region: { size: 2 } }],
  ['a field further in', { ...full, machine: { ...full.machine, gpus: 1 } }],
  ['a field of an outcome', { ...full, outcome: { kind: 'cut', at } }],
  ['an error code', { ...full, warnings: [{ code: 'NEW_CODE', message: 'x', hint: 'y' }] }],
])('keeps what another version wrote: %s', (_, state) => {
  expect(parseRunState(JSON.stringify(state))).toEqual(state);
});

it.each([
  ['another version of the format', { ...full, version: 2 }, /^version: /],
  ['a phase that does not exist', { ...full, phase: 'lunch' }, /^phase: /],
  ['no phase', { ...full, phase: undefined }, /^phase: is missing/],
  ['a run that came to its end without an outcome', { ...least, phase: 'reporting' }, /^outcome: /],
  [
    'an outcome of a run that goes on',
    { ...least, phase: 'running', outcome: { kind: 'cut' } },
    /^outcome: must not be there/,
  ],
  ['no list of problems', { ...full, problems: undefined }, /^problems: is missing/],
  ['phases that are not records', { ...full, phases: ['waiting'] }, /^phases\.0: /],
  ['a failure without its problem', { ...full, outcome: { kind: 'failed' } }, /^outcome: /],
  ['a moment that is not one', { ...full, stopAskedAt: 'yesterday' }, /^stopAskedAt: /],
  ['a list', [], /^expected object/],
])('refuses %s', (_, state, words) => {
  expect(() => parseRunState(JSON.stringify(state))).toThrow(words);
});

it('refuses a torn file', () => {
  expect(() => parseRunState(JSON.stringify(full).slice(0, -10))).toThrow(SyntaxError);
});
