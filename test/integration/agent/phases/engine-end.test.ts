/**
 * The agent waits until the supervisor ends, and ends a supervisor that is frozen and enforces no
 * limit.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { untilEnded } from '../../../../src/agent/phases/engine-end.ts';
import { writeExit } from '../../../../src/engine/handover/exit-file.ts';
import { readFired } from '../../../../src/engine/handover/process-file.ts';
import type { Launcher } from '../../../../src/engine/launcher/launcher.ts';
import { identify } from '../../../../src/engine/processes.ts';
import { silentLog } from '../../../../src/log.ts';
import { runFolder } from '../../../../src/run/folder.ts';
import { createRunStore } from '../../../../src/run/store.ts';
import { type FakeRun, fakeRun, until } from '../../../support/fake-engine-run.ts';
import { firstState } from '../../../unit/lifetime/setup.ts';

const frozen: number[] = [];
const runs: FakeRun[] = [];
afterAll(async () => {
  for (const pid of frozen.splice(0)) if (identify(pid) !== undefined) process.kill(pid, 'SIGKILL');
  await Promise.all(runs.splice(0).map((run) => run.dispose()));
});

const patience = { stopMs: 200, marginMs: 500, killMs: 500, lookEveryMs: 20 };
const never = new Promise<void>(() => {});

async function freeze(durationMs: number) {
  const run = await fakeRun('forever', { limits: { durationMs, minFreeBytes: 0 } });
  runs.push(run);
  await run.launcher.start(run.planPath);
  await until('the engine', async () => (await run.pids()).length > 0);
  const host = Number((await readFired(run.dir))?.pid);
  frozen.push(host);
  process.kill(host, 'SIGSTOP');
  return { host, run };
}

function waitFor(
  run: FakeRun,
  {
    durationMs,
    asked = never,
    launcher = run.launcher,
    ...looks
  }: Partial<typeof patience> & {
    durationMs: number;
    asked?: Promise<void>;
    launcher?: Launcher;
  },
) {
  const store = createRunStore({ initial: firstState, onWriteError: () => {} });
  const ended = untilEnded(
    {
      folder: { ...runFolder(run.dir), engineDir: run.dir },
      launcher,
      log: silentLog(),
      now: () => new Date(),
      signal: AbortSignal.timeout(30_000),
      store,
    },
    { limits: { durationMs, minFreeBytes: 0 }, asked, patience: { ...patience, ...looks } },
  );
  return { ended, store };
}

const living = async (run: FakeRun) =>
  (await run.pids()).filter((pid) => identify(pid) !== undefined);

describe.concurrent('a supervisor that ends', () => {
  it('is seen at once, however rarely one looks', async () => {
    const run = await fakeRun('forever', { limits: { durationMs: 3_600_000, minFreeBytes: 0 } });
    runs.push(run);
    await run.launcher.start(run.planPath);
    await until('the engine', async () => (await run.pids()).length > 0);
    // Longer than the test may take.
    const { ended } = waitFor(run, { durationMs: 3_600_000, lookEveryMs: 3_600_000 });
    await run.launcher.stop(run.dir);
    expect(await ended).toMatchObject({ reason: 'stopped' });
  });
});

describe.concurrent('a supervisor that ends while one looks elsewhere', () => {
  it('is seen at once as well', async () => {
    const run = await fakeRun('forever', { limits: { durationMs: 3_600_000, minFreeBytes: 0 } });
    runs.push(run);
    await run.launcher.start(run.planPath);
    await until('the engine', async () => (await run.pids()).length > 0);
    const lookEveryMs = 5_000;
    const nextLook = Promise.withResolvers<string>();
    const reap: Launcher['reap'] = async () => {
      await run.launcher.stop(run.dir);
      await until('its end', async () => (await run.launcher.status(run.dir)) === 'ended');
      // The agent starts to wait a moment later than this, so its next look would come later too.
      void sleep(lookEveryMs).then(() => nextLook.resolve('the next look'));
    };
    // The second look asks the launcher, and its answer takes until after the end.
    const { ended } = waitFor(run, {
      durationMs: 3_600_000,
      lookEveryMs,
      launcher: { ...run.launcher, reap },
    });
    const first = await Promise.race([ended.then(() => 'the end'), nextLook.promise]);
    expect(first).toBe('the end');
  });
});

describe.concurrent('an exit.json that the engine has written', () => {
  it('does not count as long as its supervisor is there, which writes its own over it', async () => {
    const run = await fakeRun('forever', { limits: { durationMs: 3_600_000, minFreeBytes: 0 } });
    runs.push(run);
    await run.launcher.start(run.planPath);
    await until('the engine', async () => (await run.pids()).length > 0);
    const at = '2026-11-22T22:00:00Z';
    await writeExit(run.dir, { startedAt: at, endedAt: at, reason: 'ended', exitCode: 0 });
    let asked = 0;
    const status: Launcher['status'] = async (dir) => {
      asked += 1;
      return await run.launcher.status(dir);
    };
    const { ended } = waitFor(run, {
      durationMs: 3_600_000,
      launcher: { ...run.launcher, status },
    });
    await until('some looks', () => asked > 3);
    await run.launcher.stop(run.dir);
    expect(await ended).toMatchObject({ reason: 'stopped' });
    expect(await living(run)).toEqual([]);
  });

  it('does not prolong the wait for a supervisor without a sign of life, which is killed', async () => {
    const { host, run } = await freeze(3_600_000);
    const at = '2026-11-22T22:00:00Z';
    await writeExit(run.dir, { startedAt: at, endedAt: at, reason: 'ended', exitCode: 0 });
    const { ended, store } = waitFor(run, { durationMs: 3_600_000 });
    await ended;
    expect(identify(host)).toBeUndefined();
    expect(store.current().interruption?.message).toMatch(/when its end was written$/);
  });

  it('is the end of a supervisor that cannot be killed', async () => {
    const { host, run } = await freeze(1_000);
    const at = '2026-11-22T22:00:00Z';
    await writeExit(run.dir, { startedAt: at, endedAt: at, reason: 'ended', exitCode: 0 });
    const kill: Launcher['kill'] = async () => {};
    const { ended } = waitFor(run, { durationMs: 1_000, launcher: { ...run.launcher, kill } });
    expect(await ended).toMatchObject({ reason: 'ended' });
    expect(identify(host)).toBeDefined();
  });
});

describe.concurrent('a supervisor that is stuck', () => {
  it('is killed past the longest the load may take, and all that it has started with it', async () => {
    const { host, run } = await freeze(1_000);
    const { ended, store } = waitFor(run, { durationMs: 1_000 });
    expect(await ended).toMatchObject({
      reason: 'lost',
      detail: expect.stringMatching(/ended without recording how; .*stuck.* killed/),
    });
    expect(identify(host)).toBeUndefined();
    expect(await living(run)).toEqual([]);
    expect(store.current().interruption).toMatchObject({ code: 'ENGINE_HOST_STUCK' });
  });

  it('is killed if it does not react to a request to stop', async () => {
    const { host, run } = await freeze(3_600_000);
    const { ended, store } = waitFor(run, { durationMs: 3_600_000, asked: Promise.resolve() });
    expect(await ended).toMatchObject({ reason: 'lost' });
    expect(identify(host)).toBeUndefined();
    expect(await living(run)).toEqual([]);
    expect(store.current().interruption?.message).toContain('asked');
  });

  it('is given up where it cannot be killed', async () => {
    const { run } = await freeze(1_000);
    let kills = 0;
    const kill = async () => {
      kills += 1;
      throw new Error('no answer');
    };
    const { ended } = waitFor(run, { durationMs: 1_000, launcher: { ...run.launcher, kill } });
    expect(await ended).toMatchObject({
      reason: 'lost',
      detail: expect.stringContaining('could not be killed'),
    });
    expect(kills).toBe(1);
  });

  it('is not one that goes on writing its line a second, however late it is', async () => {
    const run = await fakeRun('forever', { limits: { durationMs: 3_600_000, minFreeBytes: 0 } });
    runs.push(run);
    await run.launcher.start(run.planPath);
    const lines = async (): Promise<number> =>
      (await readFile(join(run.dir, 'generator.ndjson'), 'utf8').catch(() => '')).split('\n')
        .length;
    await until('its first line', async () => (await lines()) > 1);
    // As far as the agent knows, it should have ended long ago.
    const { ended, store } = waitFor(run, { durationMs: 1, marginMs: 4_000 });
    await until('more time than the agent waits for a silent one', async () => (await lines()) > 8);
    expect(store.current().interruption).toBeUndefined();
    await run.launcher.stop(run.dir);
    expect(await ended).toMatchObject({ reason: 'stopped' });
  });

  it('is not taken for stuck as long as it may take its time', async () => {
    const { host, run } = await freeze(3_600_000);
    const { ended, store } = waitFor(run, { durationMs: 3_600_000 });
    await until('a longer time than all patience', async () => {
      const fired = await readFired(run.dir);
      return Date.now() - Date.parse(String(fired?.firedAt)) > 1_500;
    });
    expect(store.current().interruption).toBeUndefined();
    process.kill(host, 'SIGCONT');
    await run.launcher.stop(run.dir);
    expect(await ended).toMatchObject({ reason: 'stopped' });
  });
});

describe.concurrent('a supervisor that is gone', () => {
  it('is known to be lost where a full disk has no room for saying so', async () => {
    const { host, run } = await freeze(3_600_000);
    const reap = async () => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const { ended } = waitFor(run, {
      durationMs: 3_600_000,
      launcher: { ...run.launcher, reap },
    });
    expect(await ended).toMatchObject({
      reason: 'lost',
      detail: expect.stringContaining(`${host}) ended without recording how; the disk is full`),
    });
  });
});
