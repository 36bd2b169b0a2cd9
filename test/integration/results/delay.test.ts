/** The generator's own delay, as the real Tsung tells it. */

import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { tsung } from '../../../src/engine/tsung/tsung.ts';
import type { Measurements } from '../../../src/results/measurements.ts';
import { measure } from '../../../src/results/meter.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { type RunOptions, runTsungIn, scenario, startTarget } from '../../support/tsung-run.ts';

const sessions = `<session name="s" probability="100" type="ts_http">
  <request><http url="/" method="GET"/></request><thinktime value="1"/></session>`;

async function measured(
  port: number,
  seconds: number,
  options: Omit<RunOptions, 'files'>,
): Promise<Measurements> {
  const load = `<arrivalphase phase="1" duration="${seconds}" unit="second">
    <users arrivalrate="20" unit="second"/></arrivalphase>`;
  const files = { 'tsung.xml': scenario({ port, load, sessions }) };
  const { dir, plan } = await runTsungIn(await temporaryFolder('delay'), { ...options, files });
  const signal = AbortSignal.timeout(60_000);
  return await measure({ engineDir: dir, engine: 'tsung', plan, slo: [], signal });
}

it.concurrent('shows that a virtual machine was held for a second, and doubts it', async () => {
  await using target = await startTarget();
  const untilServed = async (more: number): Promise<void> => {
    const before = target.served();
    await expect.poll(() => target.served(), { timeout: 60_000 }).toBeGreaterThan(before + more);
  };
  const { generator, series } = await measured(target.port, 60, {
    async onRunning(plan, script) {
      await untilServed(20);
      const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(script)]);
      const pids = stdout.trim().split(/\s+/).map(Number);
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await sleep(1_000);
      for (const pid of pids) process.kill(pid, 'SIGCONT');
      await untilServed(20);
      await tsung.requestStop?.(plan, 'stopped');
    },
  });
  const { count = 0, p50Ms = 0, p99Ms = 0, maxMs = 0 } = generator.delay ?? {};
  expect(maxMs).toBeGreaterThan(850);
  expect(p50Ms).toBeLessThan(p99Ms);
  // Ten timers were due in each second, in that of the standstill as well.
  const seconds = series.delayMaxMs.filter((ms) => ms !== null).length;
  expect(count).toBeGreaterThan(5 * seconds);
  expect(Math.max(...series.delayMaxMs.map((ms) => ms ?? 0))).toBeCloseTo(maxMs, -1);
  expect(generator.verdict).toBe('suspect');
  expect(generator.reasons[0]).toMatch(
    /^the generator's own delay had a p99 of .+, more than a tenth of the requests' p95 \(.+\)$/,
  );
});

it.concurrent('says nothing of it where nothing is measured inside Tsung', async () => {
  await using target = await startTarget();
  const { generator, series, totals } = await measured(target.port, 2, { samples: false });
  expect(totals.requests).toBeGreaterThan(0);
  expect(generator).not.toHaveProperty('delay');
  expect(series.delayMaxMs.every((ms) => ms === null)).toBe(true);
});
