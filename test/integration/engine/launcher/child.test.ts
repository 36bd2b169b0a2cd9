/**
 * The launcher that uses a child process: one start under contention, and every way for the two to
 * lose each other.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readExit } from '../../../../src/engine/handover/exit-file.ts';
import { readEngineProcess, readFired } from '../../../../src/engine/handover/process-file.ts';
import { withdraw } from '../../../../src/engine/handover/withdrawal.ts';
import { createLauncher } from '../../../../src/engine/launcher/child.ts';
import { identify } from '../../../../src/engine/processes.ts';
import { wait } from '../../../../src/retry.ts';
import { type FakeRun, fakeHostCommand, fakeRun, until } from '../../../support/fake-engine-run.ts';

const runs: FakeRun[] = [];
const start: typeof fakeRun = async (...given) => {
  const run = await fakeRun(...given);
  runs.push(run);
  return run;
};
const strangers: ChildProcess[] = [];
afterEach(async () => {
  for (const stranger of strangers.splice(0)) stranger.kill('SIGKILL');
  await Promise.all(runs.splice(0).map((run) => run.dispose()));
});

const firedPid = async ({ dir }: FakeRun) => Number((await readFired(dir))?.pid);
const gone = async (pid: number) =>
  await until(`the end of ${pid}`, () => identify(pid) === undefined);
async function killHost(run: FakeRun, processes = 1): Promise<void> {
  await until('the engine', async () => (await run.pids()).length >= processes);
  const pid = await firedPid(run);
  process.kill(pid, 'SIGKILL');
  await gone(pid);
}

describe('firing', () => {
  it('happens once, however many ask for it at the same time', async () => {
    const run = await start('forever');
    const others = Array.from({ length: 9 }, () =>
      createLauncher({ command: fakeHostCommand, env: {} }).start(run.planPath),
    );
    await Promise.all([run.launcher.start(run.planPath), ...others]);
    const hostLog = join(run.dir, 'host.log');
    await until('nine refusals', async () => {
      return (await readFile(hostLog, 'utf8')).split('already fired').length - 1 === 9;
    });
    await until('the engine', async () => (await run.pids()).length > 0);
    expect(await run.pids()).toHaveLength(1);
    expect(await run.launcher.status(run.dir)).toBe('running');
  });

  it('happens never again after the end', async () => {
    const run = await start('well');
    await run.launcher.start(run.planPath);
    await until('exit.json', () => readExit(run.dir));
    await run.launcher.start(run.planPath);
    const [program, script] = fakeHostCommand;
    const direct = spawn(program, [script, run.planPath], { stdio: 'ignore' });
    expect(await once(direct, 'exit')).toEqual([70, null]);
    expect(await run.pids()).toHaveLength(1);
  });

  it('says why it did not happen', async () => {
    const run = await start('well');
    const failing = createLauncher({
      command: [process.execPath, '-e', 'console.error("no luck"); process.exit(7)'],
      env: {},
    });
    await expect(failing.start(run.planPath)).rejects.toMatchObject({
      code: 'ENGINE_HOST_FAILED',
      message: "the engine's supervisor ended with exit code 7",
      hint: expect.stringContaining('no luck'),
    });
    const absent = createLauncher({ command: ['/no/such/node'], env: {} });
    await expect(absent.start(run.planPath)).rejects.toMatchObject({ code: 'ENGINE_HOST_FAILED' });
    expect(await run.launcher.status(run.dir)).toBe('not-fired');
  });

  it('is awaited until the plan is withdrawn: then nothing fires it any more', async () => {
    const run = await start('well');
    const command = [process.execPath, '-e', 'setInterval(() => {}, 1000)'] as const;
    const stuck = createLauncher({ command, env: {} });
    const taken = new AbortController();
    const started = stuck.start(run.planPath, { withdrawn: taken.signal });
    await until('the idler', () => stat(join(run.dir, 'host.log')).catch(() => undefined));
    taken.abort();
    expect(await started).toBe('withdrawn');
    await expect(run.launcher.start(run.planPath)).rejects.toMatchObject({
      code: 'ENGINE_HOST_FAILED',
    });
    const [program, script] = fakeHostCommand;
    await once(spawn(program, [script, run.planPath], { stdio: 'ignore' }), 'exit');
    expect(await run.pids()).toEqual([]);
    expect(await readExit(run.dir)).toMatchObject({ reason: 'stopped' });
  });

  it('comes before the plan is taken back, or not at all: a supervisor that is frozen meanwhile fires no more', async () => {
    const run = await start('forever');
    const [program, script] = fakeHostCommand;
    const host = spawn(program, [script, run.planPath], { stdio: 'ignore', env: {} });
    await until('the host', () => identify(Number(host.pid)));
    process.kill(Number(host.pid), 'SIGSTOP');
    const isTakenBack = await withdraw(run.dir);
    process.kill(Number(host.pid), 'SIGCONT');
    expect(isTakenBack).toBe(true);
    await once(host, 'exit');
    expect(await run.pids()).toEqual([]);
  });

  it('that has happened cannot be taken back', async () => {
    const run = await start('forever');
    expect(await run.launcher.start(run.planPath)).toBe('fired');
    expect(await withdraw(run.dir)).toBe(false);
    const withdrawn = AbortSignal.abort();
    expect(await run.launcher.start(run.planPath, { withdrawn })).toBe('fired');
    await until('the engine', async () => (await run.pids()).length > 0);
  });
});

describe('an agent that is killed', () => {
  it('leaves supervisor and engine running, and the next one finds them', async () => {
    const run = await start('forever');
    const script = `
      const { createLauncher } = await import(${JSON.stringify(
        new URL('../../../../src/engine/launcher/child.ts', import.meta.url).href,
      )});
      await createLauncher({ command: ${JSON.stringify(fakeHostCommand)}, env: {} })
        .start(${JSON.stringify(run.planPath)});
      console.log('fired');
      setInterval(() => {}, 1000);`;
    const agent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    await once(agent.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
    const [engine] = await until('the engine', async () => {
      const pids = await run.pids();
      return pids.length > 0 && pids;
    });
    // Kills its whole group, as closing a terminal does.
    process.kill(-Number(agent.pid), 'SIGKILL');
    await once(agent, 'exit');
    expect(await run.launcher.status(run.dir)).toBe('running');
    expect(identify(Number(engine))).toBeDefined();
    await run.launcher.start(run.planPath);
    expect(await run.pids()).toEqual([engine]);
    await run.launcher.stop(run.dir);
    expect(await until('exit.json', () => readExit(run.dir))).toMatchObject({ reason: 'stopped' });
  });
});

describe('a supervisor that is killed', () => {
  it.each([
    ['forever', 1],
    ['deaf', 2],
    ['daemon-forever', 2],
  ])('is lost; reaping it ends all that it started: %s', async (mode, processes) => {
    const run = await start(mode);
    await run.launcher.start(run.planPath);
    await killHost(run, processes);
    expect(await run.launcher.status(run.dir)).toBe('lost');
    await Promise.all([run.launcher.reap(run.dir), run.launcher.reap(run.dir)]);
    expect((await run.pids()).filter((pid) => identify(pid) !== undefined)).toEqual([]);
    const exit = await readExit(run.dir);
    expect(exit).toMatchObject({
      reason: 'lost',
      detail: expect.stringContaining('without recording how'),
    });
    expect(await run.launcher.status(run.dir)).toBe('ended');
  });

  it.each(Array.from({ length: 12 }, (_, i) => 60 + 20 * i))(
    'at any instant (%i ms after its start) has fired once, or can still be fired once',
    async (delayMs) => {
      const run = await start('forever');
      const [program, script] = fakeHostCommand;
      const host = spawn(program, [script, run.planPath], { stdio: 'ignore', env: {} });
      await wait(delayMs, AbortSignal.timeout(10_000));
      host.kill('SIGKILL');
      await once(host, 'exit');
      if ((await run.launcher.status(run.dir)) === 'not-fired') {
        await run.launcher.start(run.planPath);
        await killHost(run);
      }
      expect(await run.launcher.status(run.dir)).toBe('lost');
      await run.launcher.start(run.planPath);
      await run.launcher.reap(run.dir);
      const pids = await run.pids();
      expect(pids.length).toBeLessThanOrEqual(1);
      expect(pids.filter((pid) => identify(pid) !== undefined)).toEqual([]);
      expect(await readExit(run.dir)).toMatchObject({ reason: 'lost' });
    },
  );

  it('is reaped with a child that has not yet become the engine, and so carries no mark', async () => {
    const run = await start('forever');
    await run.launcher.start(run.planPath);
    await killHost(run);
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', run.planPath], {
      detached: true,
      stdio: 'ignore',
    });
    strangers.push(child);
    await once(child, 'spawn');
    await run.launcher.reap(run.dir);
    expect(identify(Number(child.pid))).toBeUndefined();
  });

  it('is reaped even if it died before it could say what its engine is', async () => {
    const run = await start('forever');
    await run.launcher.start(run.planPath);
    await killHost(run);
    await writeFile(join(run.dir, 'engine.json'), '');
    await run.launcher.reap(run.dir);
    expect((await run.pids()).filter((pid) => identify(pid) !== undefined)).toEqual([]);
    expect(await readExit(run.dir)).toMatchObject({ reason: 'lost' });
  });
});

describe('a pid that belongs to another process by now', () => {
  it.each([
    ['another start time', { pidStartTime: 1 }],
    ['another boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
  ])('is not mistaken for the host: %s', async (_, change) => {
    const run = await start('well');
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      stdio: 'ignore',
      detached: true,
    });
    strangers.push(stranger);
    const itself = await until('the stranger', () => identify(Number(stranger.pid)));
    const process_ = { ...itself, ...change };
    const now = new Date().toISOString();
    await writeFile(
      join(run.dir, 'fired.json'),
      JSON.stringify({ ...process_, marker: 'a marker nobody carries', firedAt: now }),
    );
    await writeFile(
      join(run.dir, 'engine.json'),
      JSON.stringify({ ...process_, pgid: itself.pid, startedAt: now }),
    );
    expect(await readEngineProcess(run.dir)).toBeDefined();
    expect(await run.launcher.status(run.dir)).toBe('lost');
    await run.launcher.stop(run.dir);
    await run.launcher.reap(run.dir);
    expect(identify(itself.pid)).toEqual(itself);
    expect(await readExit(run.dir)).toMatchObject({ reason: 'lost', startedAt: now });
  });
});

describe('without a run', () => {
  it('there is nothing to stop and nothing to reap', async () => {
    const run = await start('well');
    expect(await run.launcher.status(run.dir)).toBe('not-fired');
    await run.launcher.stop(run.dir);
    await run.launcher.reap(run.dir);
    expect(await readExit(run.dir)).toBeUndefined();
  });
});
