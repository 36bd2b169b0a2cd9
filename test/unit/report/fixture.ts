/** A run and its summary with everything in them, and names as hostile as names can be. */

import type { Summary } from '../../../src/report/summary.ts';
import { summarize } from '../../../src/report/summary.ts';
import { createCollector } from '../../../src/results/collect.ts';
import type { EndedRun, RunState } from '../../../src/run/state.ts';
import { parseSlo } from '../../../src/slo/parse.ts';
import { interval, type Row, samples, startMs } from '../results/batches.ts';

export const now = new Date(startMs + 60_000);

export const hostile = [
  '</script><script>alert(1)</script>',
  '<!--',
  ']]>&amp;"\'',
  'line\u2028separator\u2029',
  '\u001b[31mred\u0007\r\n\ttab',
  'half\ud800surrogate',
  '\u202etxt.exe',
  '価格 🛒 e\u0301',
];

export const state: EndedRun = {
  version: 1,
  onager: '0.1.0',
  runId: '20261122T221000Z-i-0abc',
  phase: 'finished',
  phases: [],
  settings: [],
  instance: {
    instanceId: 'i-0abc',
    launchedAt: '2026-11-22T22:10:00.000Z',
    imageId: 'ami-1',
    instanceType: 'c7i.large',
    architecture: 'x86_64',
    region: 'eu-central-1',
    availabilityZone: 'eu-central-1a',
    launchIndex: 0,
  },
  machine: { kernel: 'Linux 6.8.0', cpus: 2, memoryBytes: 4_096_000_000 },
  scenario: { name: 'storefront', form: 'zip', sha256: 'ab', bytes: 1, files: 1 },
  engine: {
    name: 'tsung',
    version: '1.7.0',
    runtime: 'OTP 25',
    loadPhases: [{ name: '1', startMs: 0, durationMs: 5_000 }],
    targets: ['shop.example.test:80'],
    changes: [],
    sampling: { requests: 'each' },
    plannedDurationMs: 5_000,
    plannedUsers: 4,
  },
  outcome: { kind: 'complete' },
  problems: [],
  warnings: [],
};

export function summaryOf(
  rows: readonly Row[] = hostile.map((name, at) => ({
    name,
    ms: startMs + at * 500,
    us: (at + 1) * 10_000,
    ...(at % 3 === 0 ? { ok: false, error: name, status: 0 } : {}),
  })),
  rules: readonly string[] = ['p95 < 1s', 'errors < 1%', 'transaction(none).p99 < 1s'],
  run: RunState = state,
): Summary {
  const slo = rules.flatMap((text) => {
    const rule = parseSlo(text);
    return 'code' in rule ? [] : [rule];
  });
  const collector = createCollector({
    sampling: { requests: 'each' },
    slo,
    plan: { loadPhases: [] },
  });
  if (rows.length > 0) collector.add(samples(rows));
  collector.add(interval({ users: 1, usersStarted: 1, errors: { refused: 2 } }));
  return summarize(run, collector.full(), { final: true, now });
}
