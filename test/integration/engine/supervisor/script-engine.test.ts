/** A second engine under the real supervisor: one signal, two output files, and unknown values. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exit, Plan } from '../../../../src/engine/engine.ts';
import { engineOutput, readExit } from '../../../../src/engine/handover/exit-file.ts';
import { summarize } from '../../../../src/report/summary.ts';
import { closingTable } from '../../../../src/report/table.ts';
import { createCollector } from '../../../../src/results/collect.ts';
import { type FakeRun, fakeRun, until } from '../../../support/fake-engine-run.ts';
import { planned } from '../../../support/planned.ts';
import { scriptEngine } from '../../../support/script-engine.ts';
import { state } from '../../../unit/report/fixture.ts';

const runs: FakeRun[] = [];
afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.dispose()));
});

const limits = { durationMs: 60_000, minFreeBytes: 0 };

async function fire(requests: number, change: Partial<Plan> = {}) {
  const run = await fakeRun('well');
  runs.push(run);
  const { dir } = run;
  const entry = 'load.script';
  await writeFile(join(dir, entry), `#script requests=${requests}`);
  const scenario = { dir, files: [entry], entry, vars: {} };
  const machine = {
    outputDir: dir,
    cpus: 1,
    memoryBytes: 2 ** 30,
    samples: true,
    names: 'template',
  } as const;
  const plan = { ...(await planned(scriptEngine, scenario, machine, limits)), ...change };
  await writeFile(run.planPath, JSON.stringify(plan));
  await run.launcher.start(run.planPath);
  return { ...run, plan };
}

const read = async (run: FakeRun, name: string) =>
  await readFile(join(run.dir, name), 'utf8').catch(() => '');

/** Resolves once both processes are working. */
async function atWork(run: FakeRun): Promise<void> {
  for (const name of ['samples-a.csv', 'samples-b.csv'])
    await until(name, async () => (await read(run, name)) !== '');
}

async function ended(run: FakeRun): Promise<Exit> {
  await until('the end', async () => (await run.launcher.status(run.dir)) === 'ended');
  const exit = await readExit(run.dir);
  if (exit === undefined) throw new Error('ended, and there is no exit.json');
  return exit;
}

describe('an engine that is stopped by a signal', () => {
  // It takes longer to end than the supervisor waits between SIGTERM and SIGKILL.
  it('gets one, in its main process alone, and all the time it needs', async () => {
    const run = await fire(100_000);
    await atWork(run);
    await run.launcher.stop(run.dir);
    const exit = await ended(run);
    expect(exit).toMatchObject({ reason: 'stopped', exitCode: 99 });
    expect(await read(run, 'signals.log')).toBe('main SIGINT\nfinished early\n');
    expect(await scriptEngine.outcome(engineOutput(run.dir), exit)).toEqual({
      kind: 'stopped',
      verdict: { ok: false, message: 'p95 < 5 ms' },
    });
  });

  it('is ended with all its processes once its grace is over', async () => {
    const run = await fire(100_000, { stop: { signal: 'SIGINT', graceMs: 100 } });
    await atWork(run);
    await run.launcher.stop(run.dir);
    expect(await ended(run)).toMatchObject({ reason: 'stopped', exitCode: 1 });
    const [first, ...more] = (await read(run, 'signals.log')).trim().split('\n');
    expect(first).toBe('main SIGINT');
    expect(more).toContain('main SIGTERM');
    expect(more).not.toContain('finished early');
  });
});

describe('an engine that is asked in its own way', () => {
  it('gets the signal where it does not listen', async () => {
    const run = await fakeRun('forever', {
      plan: { stop: { signal: 'SIGINT', graceMs: 30_000 } },
    });
    runs.push(run);
    await run.launcher.start(run.planPath);
    await until('its first sample', async () => (await read(run, 'out.ndjson')) !== '');
    await run.launcher.stop(run.dir);
    expect(await ended(run)).toMatchObject({ reason: 'stopped', signal: 'SIGINT' });
  });

  it('does not get it where it listens', async () => {
    const run = await fakeRun('polite', { plan: { stop: { signal: 'SIGINT', graceMs: 3_000 } } });
    runs.push(run);
    await run.launcher.start(run.planPath);
    await until('its first sample', async () => (await read(run, 'out.ndjson')) !== '');
    await run.launcher.stop(run.dir);
    expect(await ended(run)).toMatchObject({ reason: 'stopped', exitCode: 0 });
  });
});

describe('what such an engine measures', () => {
  it('is all that both of its files say, and nothing that they do not', async () => {
    const run = await fire(60);
    const exit = await ended(run);
    const { sampling } = run.plan;
    const collector = createCollector({ sampling, slo: [], plan: run.plan });
    const output = engineOutput(run.dir);
    for await (const batch of scriptEngine.read(output, run.plan, AbortSignal.timeout(30_000)))
      collector.add(batch);
    collector.end();
    const found = collector.full();
    expect(found.sampling).toMatchObject({ duration: 'first-byte', resolutionUs: 1_000 });
    expect(found.totals).toMatchObject({ requests: 60, failed: 6 });
    for (const key of ['bytesReceived', 'bytesSent', 'usersStarted', 'usersFinished'])
      expect(found.totals).not.toHaveProperty(key);
    expect(found.names.map(({ name, count }) => [name, count])).toEqual([
      ['GET /a', 30],
      ['GET /b', 30],
    ]);
    for (const name of found.names) expect(name).not.toHaveProperty('bytes');
    for (const column of [found.series.bytesReceived, found.series.usersStarted])
      expect(new Set(column)).toEqual(new Set([null]));
    expect(found.notes).toEqual([
      'durations end with the first byte of the answer, not with the last',
      'the engine records durations in steps of 1 ms',
    ]);
    const outcome = await scriptEngine.outcome(output, exit);
    const table = closingTable(
      summarize({ ...state, outcome }, found, { final: true, now: new Date() }),
    );
    expect(table).toContain("the scenario's own verdict: failed, p95 < 5 ms");
    expect(table).not.toMatch(/NaN|undefined/);
  });
});
