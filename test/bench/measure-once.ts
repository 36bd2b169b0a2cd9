/**
 * Measures the engine's output in one folder and prints the number of requests, the time and the
 * memory: the process that the benchmark times.
 */

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import type { Plan } from '../../src/engine/engine.ts';

// As cli.ts does, before it loads the rest.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/onager'));
const { measure } = await import('../../src/results/meter.ts');

const plan: Plan = {
  engine: 'tsung',
  argv: ['tsung'],
  env: {},
  cwd: '/',
  files: [],
  loadPhases: [],
  targets: [],
  changes: [],
  sampling: { requests: 'each' },
  limits: { durationMs: 0, minFreeBytes: 0 },
};
const { totals, names } = await measure({
  engine: 'tsung',
  engineDir: process.argv[2] ?? '',
  plan,
  slo: [],
  signal: AbortSignal.timeout(60_000),
});
const percentiles = names.every(({ latency }) => latency !== undefined);
const rssMb = Math.round(process.memoryUsage.rss() / 1e6);
console.log(JSON.stringify({ requests: totals.requests, percentiles, rssMb }));
