/** The generator's own delay, as the real Tsung tells it. */

import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import type { Measurements } from '../../../src/results/measurements.ts';
import { measure } from '../../../src/results/meter.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type RunOptions, runTsungIn, scenario, startTarget } from '../../support/tsung-run.ts';

async function measured(options: Omit<RunOptions, 'files'>): Promise<Measurements> {
  await using target = await startTarget();
  const load =
    '<arrivalphase phase="1" duration="4" unit="second"><users arrivalrate="20" unit="second"/></arrivalphase>';
  const sessions = `<session name="s" probability="100" type="ts_http">
    <request><http url="/" method="GET"/></request></session>`;
  const files = { 'tsung.xml': scenario({ port: target.port, load, sessions }) };
  const { dir, plan } = await runTsungIn(await temporaryFolder('delay'), { ...options, files });
  const signal = AbortSignal.timeout(60_000);
  return await measure({ engineDir: dir, engine: 'tsung', plan, slo: [], signal });
}

it.concurrent('shows a virtual machine that was held for a second, which makes it suspect', async () => {
  const { generator, series } = await measured({
    async onRunning(_plan, script) {
      const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(script)]);
      const pids = stdout.trim().split(/\s+/).map(Number);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await sleep(1_000);
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    },
  });
  const { count = 0, p50Ms = 0, p99Ms = 0, maxMs = 0 } = generator.delay ?? {};
  expect(maxMs).toBeGreaterThan(850);
  expect(p50Ms).toBeLessThan(p99Ms);
  // Ten timers were due in each of the seconds, in that of the standstill as well.
  expect(count).toBeGreaterThan(25);
  expect(Math.max(...series.delayMaxMs.map((ms) => ms ?? 0))).toBeCloseTo(maxMs, -1);
  expect(generator.verdict).toBe('suspect');
  expect(generator.reasons[0]).toMatch(
    /^the generator's own delay had a p99 of .+, more than a tenth of the requests' p95 \(.+\)$/,
  );
});

it.concurrent('says nothing of it where nothing is measured inside Tsung', async () => {
  const { generator, series, totals } = await measured({ samples: false });
  expect(totals.requests).toBeGreaterThan(0);
  expect(generator).not.toHaveProperty('delay');
  expect(series.delayMaxMs.every((ms) => ms === null)).toBe(true);
});
