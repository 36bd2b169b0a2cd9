/**
 * A run of an hour, replayed in seconds: the agent's memory, how soon after the engine's end the
 * report is served, and its size.
 */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { parseExit } from '../../src/engine/handover/exit-file.ts';
import { writeBundle } from './bundled.ts';
import { tell } from './figure.ts';
import { type Instance, peakRssOf, startInstance } from './instance.ts';
import { writePlayedTsung } from './played-script.ts';

const rows = 10_000_000;
const limitMs = 150_000;
const dir = await mkdtemp(join(tmpdir(), 'onager-bench-long-'));
try {
  const cli = await writeBundle(join(dir, 'bundle'));
  const scenario = join(import.meta.dirname, '../../examples/storefront');
  for (const { names, spread } of [
    { names: 200, spread: 4 },
    { names: 1_000, spread: 12 },
  ]) {
    const fakeTsung = await writePlayedTsung(dir, { rows, names, spread, seconds: 3_600 });
    const stateDir = join(dir, `state-${names}`);
    await using instance = await startInstance({ cli, scenario, stateDir, fakeTsung });
    await instance.phase('running', limitMs);
    const { endedAt, servedAtMs } = await untilServed(instance);
    const rss = await peakRssOf(instance.pid);
    tell({
      what: `agent RSS at its peak, 10 M samples, ${names} names`,
      ours: `${(rss / 1e6).toFixed(0)} MB`,
      yardstick: '',
      goal: '<= 150 MB',
      met: rss <= 150e6,
      note: `durations spread over ${spread} doublings`,
    });
    if (names > 200) continue;
    const lateMs = servedAtMs - Date.parse(endedAt);
    tell({
      what: "engine's end to report served, an hour",
      ours: `${lateMs} ms`,
      yardstick: '',
      goal: '<= 300 ms',
      met: lateMs <= 300,
      note: 'an hour, 10 M samples, 200 names; to the whole report.html in the hands of the client',
    });
    await instance.phase('finished', limitMs);
    const { body } = await instance.get('/report.html');
    tell({
      what: 'report.html of an hour, 200 names',
      ours: `${(body.length / 1_000).toFixed(0)} KB`,
      yardstick: '',
      goal: '<= 600 KB',
      met: body.length <= 600_000,
      note: `${(gzipSync(body).length / 1_000).toFixed(0)} KB gzipped`,
    });
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function untilServed(instance: Instance): Promise<{ endedAt: string; servedAtMs: number }> {
  const exitPath = join(await instance.engineDir(), 'exit.json');
  const deadline = AbortSignal.timeout(limitMs);
  for (;;) {
    const { status } = await instance.get('/report.html');
    if (status === 200) {
      const { endedAt } = parseExit(await readFile(exitPath, 'utf8'));
      return { endedAt, servedAtMs: Date.now() };
    }
    await sleep(20, undefined, { signal: deadline });
  }
}
