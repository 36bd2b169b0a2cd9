/**
 * The engine's supervisor with real processes: one start, every kind of end, and nothing left
 * behind.
 */

import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exit } from '../../../../src/engine/engine.ts';
import { readExit } from '../../../../src/engine/handover/exit-file.ts';
import { readEngineProcess, readFired } from '../../../../src/engine/handover/process-file.ts';
import { identify } from '../../../../src/engine/processes.ts';
import { type FakeRun, fakeRun, until } from '../../../support/fake-engine-run.ts';
import { putOdd } from '../../../support/odd-files.ts';

const runs: FakeRun[] = [];
const start: typeof fakeRun = async (...given) => {
  const run = await fakeRun(...given);
  runs.push(run);
  return run;
};
afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.dispose()));
});

/** Once the launcher reports the end, exit.json is on the disk and can be read. */
async function ended({ dir, launcher }: FakeRun): Promise<Exit> {
  await until('the end', async () => (await launcher.status(dir)) === 'ended');
  const exit = await readExit(dir);
  if (exit === undefined) throw new Error('ended, and there is no exit.json');
  return exit;
}
const output = async ({ dir }: FakeRun, name: string) => await readFile(join(dir, name), 'utf8');
const pidsOf = async (run: FakeRun, count: number) =>
  await until(`${count} pids`, async () => {
    const pids = await run.pids();
    return pids.length >= count && pids;
  });
async function expectNobodyLeft(run: FakeRun): Promise<void> {
  const living = (await run.pids()).filter((pid) => identify(pid) !== undefined);
  expect(living).toEqual([]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

describe('an engine that ends by itself', () => {
  it('is reported with its exit code, its words and its times', async () => {
    const run = await start('well');
    await run.launcher.start(run.planPath);
    const exit = await ended(run);
    expect(exit).toMatchObject({ reason: 'ended', exitCode: 0 });
    expect(Date.parse(exit.endedAt)).toBeGreaterThanOrEqual(Date.parse(exit.startedAt));
    expect(await output(run, 'stdout.log')).toBe('all is well\n');
    await expectNobodyLeft(run);
  });

  it('is reported when it fails', async () => {
    const run = await start('fails');
    await run.launcher.start(run.planPath);
    expect(await ended(run)).toMatchObject({ reason: 'ended', exitCode: 3 });
    expect(await output(run, 'stderr.log')).toBe('all is lost\n');
  });

  it('is reported with the signal that killed it', async () => {
    const run = await start('forever');
    await run.launcher.start(run.planPath);
    const [pid] = await pidsOf(run, 1);
    process.kill(Number(pid), 'SIGSEGV');
    expect(await ended(run)).toMatchObject({ reason: 'ended', signal: 'SIGSEGV' });
  });

  it.each(['daemon', 'leaves-child'])('leaves none of its processes behind: %s', async (mode) => {
    const run = await start(mode);
    await run.launcher.start(run.planPath);
    expect(await ended(run)).toMatchObject({ reason: 'ended', exitCode: 0 });
    expect((await run.pids()).length).toBeGreaterThan(1);
    await expectNobodyLeft(run);
  });

  it.each([
    ['in its session', 'env -i sleep 60 & echo $! > pids', 'ended'],
    ['of its children', 'env -i setsid sleep 60 & echo $! > pids; wait', 'duration-limit'],
  ])('leaves none behind that has lost the marker: %s', async (_, script, reason) => {
    const limits = { durationMs: 1_000, minFreeBytes: 0 };
    const run = await start('well', { limits, plan: { argv: ['/bin/sh', '-c', script] } });
    await run.launcher.start(run.planPath);
    expect(await ended(run)).toMatchObject({ reason });
    expect(await run.pids()).toHaveLength(1);
    await expectNobodyLeft(run);
  });

  it('cannot fill the disk by talking', async () => {
    const run = await start('flood');
    await run.launcher.start(run.planPath);
    expect(await ended(run)).toMatchObject({ reason: 'ended', exitCode: 0 });
    const { size } = await stat(join(run.dir, 'stdout.log'));
    expect(size).toBeGreaterThanOrEqual(16 * 1024 ** 2);
    expect(size).toBeLessThan(16 * 1024 ** 2 + 100);
    expect((await output(run, 'stdout.log')).slice(-60)).toContain('only the first 16777216 bytes');
    expect(await output(run, 'stderr.log')).toBe('flooded\n');
  });
});

describe('what the engine is given', () => {
  it("is its files, its own environment and nothing of the supervisor's", async () => {
    const show =
      'process.stdout.write(JSON.stringify(process.env)); require("fs").readdirSync(".")';
    const run = await start('well', {
      plan: {
        argv: [process.execPath, '-e', show],
        env: { ONLY: 'this' },
        files: [{ path: 'made/config.xml', content: '<x/>' }],
      },
    });
    await run.launcher.start(run.planPath);
    await ended(run);
    const { ONAGER_RUN, ...env } = JSON.parse(await output(run, 'stdout.log'));
    expect(env).toEqual({
      ONLY: 'this',
      HOME: run.dir,
      LANG: 'C.UTF-8',
      PATH: expect.stringContaining('/usr/bin'),
    });
    expect(ONAGER_RUN).toBe((await readFired(run.dir))?.marker);
    expect(await output(run, 'made/config.xml')).toBe('<x/>');
  });

  it('runs in its own session, which engine.json names', async () => {
    const run = await start('forever');
    await run.launcher.start(run.planPath);
    const engine = await until('engine.json', () => readEngineProcess(run.dir));
    expect(engine.pgid).toBe(engine.pid);
    expect(identify(engine.pid)?.pidStartTime).toBe(engine.pidStartTime);
  });
});

describe('an engine that cannot be started', () => {
  it.each([
    ['is not there', '/no/such/program', 'ENOENT'],
    ['is not a program', '/etc/passwd', 'EACCES'],
  ])('because it %s is an exit that says so', async (_, program, code) => {
    const run = await start('well', { plan: { argv: [program] } });
    await run.launcher.start(run.planPath);
    const exit = await ended(run);
    expect(exit.reason).toBe('spawn-failed');
    expect(exit.detail).toContain(program);
    expect(exit.detail).toContain(code);
  });

  it('because a planned file cannot be written fails before the claim', async () => {
    const files = [
      { path: 'a', content: '' },
      { path: 'a/b', content: '' },
    ];
    const run = await start('well', { plan: { files } });
    await expect(run.launcher.start(run.planPath)).rejects.toMatchObject({
      code: 'ENGINE_HOST_FAILED',
      hint: expect.stringContaining('EEXIST'),
    });
    expect(await run.launcher.status(run.dir)).toBe('not-fired');
    expect(await run.pids()).toEqual([]);
  });
});

describe('an early end', () => {
  it('is requested in the engine’s own way, so that it keeps its statistics', async () => {
    const run = await start('polite');
    await run.launcher.start(run.planPath);
    await until('its first sample', () => output(run, 'out.ndjson').catch(() => undefined));
    await run.launcher.stop(run.dir);
    expect(await ended(run)).toMatchObject({ reason: 'stopped', exitCode: 0 });
    expect((await output(run, 'out.ndjson')).trim().split('\n')).toHaveLength(2);
  });

  it('ends an engine that has no such way by SIGTERM', async () => {
    const run = await start('forever');
    await run.launcher.start(run.planPath);
    const written = await until('output', () =>
      output(run, 'out.ndjson')
        .catch(() => '')
        .then((text) => text !== '' && text),
    );
    await run.launcher.stop(run.dir);
    expect(await ended(run)).toMatchObject({ reason: 'stopped', signal: 'SIGTERM' });
    expect(await output(run, 'out.ndjson')).toContain(written);
  });

  it.each([
    ['deaf', 2, 'SIGKILL'],
    ['daemon-forever', 2, 'SIGTERM'],
  ])('leaves no process behind: %s', async (mode, count, signal) => {
    const run = await start(mode);
    await run.launcher.start(run.planPath);
    await pidsOf(run, count);
    await run.launcher.stop(run.dir);
    expect(await ended(run)).toMatchObject({ reason: 'stopped', signal });
    await expectNobodyLeft(run);
  });

  it('ends the real epmd too, which left its parent, its group and its session', async () => {
    const port = await freePort();
    const run = await start('forever', {
      plan: {
        argv: ['/bin/sh', '-c', 'epmd -daemon; exec sleep 60'],
        env: { ERL_EPMD_PORT: String(port), ERL_EPMD_ADDRESS: '127.0.0.1' },
      },
    });
    await run.launcher.start(run.planPath);
    await until('epmd', () => accepts(port));
    await run.launcher.stop(run.dir);
    expect(await ended(run)).toMatchObject({ reason: 'stopped' });
    expect(await accepts(port)).toBe(false);
  });

  it('comes by a SIGINT too, and never by a SIGHUP', async () => {
    const run = await start('forever');
    await run.launcher.start(run.planPath);
    await pidsOf(run, 1);
    const host = Number((await readFired(run.dir))?.pid);
    process.kill(host, 'SIGHUP');
    await until('a later sign of life', () =>
      output(run, 'generator.ndjson').catch(() => undefined),
    );
    expect(await run.launcher.status(run.dir)).toBe('running');
    process.kill(host, 'SIGINT');
    expect(await ended(run)).toMatchObject({ reason: 'stopped' });
  });
});

describe('limits', () => {
  it('end a run that lasts too long', async () => {
    const run = await start('forever', { limits: { durationMs: 300, minFreeBytes: 0 } });
    await run.launcher.start(run.planPath);
    const exit = await ended(run);
    expect(exit).toMatchObject({ reason: 'duration-limit', detail: 'ran for 0.3 s' });
    await expectNobodyLeft(run);
  });

  it('end a run that fills the disk', async () => {
    const limits = { durationMs: 60_000, minFreeBytes: 2 ** 52 };
    const run = await start('forever', { limits });
    await run.launcher.start(run.planPath);
    const exit = await ended(run);
    expect(exit.reason).toBe('disk-limit');
    expect(exit.detail).toMatch(
      /^the disk has only [\d,]+ bytes left; at least 4,503,599,627,370,496 are needed$/,
    );
    await expectNobodyLeft(run);
  });

  it('end a run whose engine is stuck, in the engine’s own words', async () => {
    const run = await start('deaf', { env: { FAKE_STALLS: '1' } });
    await run.launcher.start(run.planPath);
    const exit = await ended(run);
    expect(exit.reason).toBe('stalled');
    expect(exit.detail).toMatch(/^nothing for \d+/);
    await expectNobodyLeft(run);
  });
});

describe('what is on disk in the end', () => {
  it('has no drafts, and the exit after all else', async () => {
    const run = await start('well');
    await run.launcher.start(run.planPath);
    await ended(run);
    const names = await readdir(run.dir);
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['engine.json', 'fired.json', 'host.log']));
    const times = await Promise.all(
      ['stdout.log', 'stderr.log', 'engine.json', 'exit.json'].map(
        async (name) => (await stat(join(run.dir, name))).mtimeMs,
      ),
    );
    expect(times.at(-1)).toBe(Math.max(...times));
  });

  it('records how busy the machine was while it ran', async () => {
    const run = await start('forever');
    await run.launcher.start(run.planPath);
    const line = await until('a line', async () => {
      const text = await output(run, 'generator.ndjson').catch(() => '');
      return text.includes('\n') && text.split('\n')[0];
    });
    const { cpuPercent, memoryPercent, openFiles, openFilesLimit } = JSON.parse(line);
    for (const percent of [cpuPercent, memoryPercent]) {
      expect(percent).toBeGreaterThanOrEqual(0);
      expect(percent).toBeLessThanOrEqual(100);
    }
    expect(openFiles).toBeGreaterThan(2);
    expect(openFilesLimit).toBeGreaterThan(openFiles);
  });

  it('is untouched by a plan that makes no sense', async () => {
    const run = await start('well');
    await writeFile(run.planPath, '{"engine":"fake"}');
    await expect(run.launcher.start(run.planPath)).rejects.toMatchObject({
      code: 'ENGINE_HOST_FAILED',
      hint: expect.stringContaining('argv'),
    });
    expect(await run.launcher.status(run.dir)).toBe('not-fired');
  });

  it.each(['generator.ndjson', 'stdout.log', 'stderr.log'])(
    'does not wait for whoever made a pipe of %s',
    async (name) => {
      const run = await start('forever');
      await putOdd('a pipe', join(run.dir, name), '');
      await run.launcher.start(run.planPath);
      await until('the engine', async () => (await run.pids()).length > 0);
      if (name === 'generator.ndjson')
        await until('a line that is lost', async () =>
          (await output(run, 'host.log')).includes('generator sample lost'),
        );
      await run.launcher.stop(run.dir);
      expect(await ended(run)).toMatchObject({ reason: 'stopped' });
      await expectNobodyLeft(run);
    },
  );
});
