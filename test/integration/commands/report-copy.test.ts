/** `onager report` on a run as it was copied out of the bucket. */

import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { readFired } from '../../../src/engine/handover/process-file.ts';
import type { Manifest } from '../../../src/publish/manifest.ts';
import {
  beginRehearsal,
  expectWholeBucket,
  isOver,
  type Rehearsed,
  until,
} from '../../support/rehearsal.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const settings = `slo:
  - p95 < 2s
  - transaction(login).p99 < 1ms
  - 'request("GET http://shop/?key=a").count < 1'
`;

/** A run folder of an instance, and the same run as it was copied out of the bucket. */
type Copied = Readonly<{ instance: string; copy: string; manifest: Manifest }>;

async function copied(rehearsed: Rehearsed): Promise<Copied> {
  const run = await until(rehearsed, isOver);
  const manifest = await expectWholeBucket(rehearsed, run);
  return {
    instance: join(rehearsed.simulation.instanceDir, 'runs', run.runId),
    copy: join(rehearsed.out, 'bucket/runs', run.runId),
    manifest,
  };
}

async function report(dir: string, out?: string, cwd = root) {
  const given = out === undefined ? [] : ['--out', out];
  const node = join(root, 'node_modules/.bin/node');
  const args = [join(root, 'src/cli.ts'), 'report', dir, ...given];
  return await execa(node, args, { cwd, reject: false });
}

/** But for the time of making. */
async function summaryIn(dir: string): Promise<string> {
  const text = await readFile(join(dir, 'summary.json'), 'utf8');
  return text.replace(/"generatedAt":"[^"]+"/, '"generatedAt":""');
}

/** But for the time of making. */
async function junitIn(dir: string): Promise<string> {
  return (await readFile(join(dir, 'junit.xml'), 'utf8')).replace(/ timestamp="[^"]+"/, '');
}

/** The data of report.html, as text. */
async function dataIn(dir: string): Promise<string> {
  const html = await readFile(join(dir, 'report.html'), 'utf8');
  const [, text = ''] = /id="onager-data">(.*?)<\/script>/s.exec(html) ?? [];
  const { gzip } = JSON.parse(text);
  return gzip === undefined ? text : gunzipSync(Buffer.from(gzip, 'base64')).toString();
}

/** Every file below, but for the report's own, with its content. */
async function contentOf(dir: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  return new Map(
    await Promise.all(
      paths
        .filter((path) => !/\/report\/(?!native)/.test(path.slice(dir.length)))
        .map(async (path) => [path, await readFile(path, 'base64')] as const),
    ),
  );
}

describe('a whole copy', () => {
  let run: Copied;
  beforeAll(async () => {
    await using rehearsed = await beginRehearsal({ seconds: 14, settings });
    run = await copied(rehearsed);
  });

  async function ownCopy(): Promise<string> {
    const dir = await temporaryFolder('copy');
    await cp(run.copy, dir, { recursive: true });
    return dir;
  }

  function keyLike(wanted: RegExp): string {
    const keys = ['manifest.json', ...run.manifest.objects.map(({ key }) => key)];
    const found = keys.find((key) => wanted.test(key));
    if (found === undefined) throw new Error(`no ${wanted} in ${keys.join(' ')}`);
    return found;
  }

  it('has the report of the instance, byte for byte', async () => {
    expect(Math.max(...run.manifest.files.map(({ chunks }) => chunks.length))).toBeGreaterThan(1);
    const copy = await ownCopy();
    const before = await contentOf(copy);
    const [here, there] = [await temporaryFolder('here'), await temporaryFolder('there')];
    const fromInstance = await report(run.instance, here);
    const fromCopy = await report(copy, there);

    expect(fromCopy.exitCode).toBe(1);
    expect(fromCopy.exitCode).toBe(fromInstance.exitCode);
    expect(fromCopy.stdout.replace(there, here)).toBe(fromInstance.stdout);
    const summary = await summaryIn(there);
    expect(summary).toBe(await summaryIn(here));
    expect(summary).toBe(await summaryIn(copy));
    expect(summary).toContain('http://shop/?key=a');
    expect(await junitIn(there)).toBe(await junitIn(copy));
    expect((await readdir(there)).sort()).toEqual(['junit.xml', 'report.html', 'summary.json']);
    expect(await contentOf(copy)).toEqual(before);
  });

  it('gets its report in report/ without --out, and again', async () => {
    const copy = await ownCopy();
    await report(copy);
    const { exitCode } = await report(copy);
    expect(exitCode).toBe(1);
    expect(await summaryIn(join(copy, 'report'))).toBe(await summaryIn(copy));
    expect(await readdir(join(copy, 'report'))).toHaveLength(4);
  });

  it('gets the same report in a folder that is named from where one is, or through a link', async () => {
    const copy = await ownCopy();
    const home = await temporaryFolder('home');
    await mkdir(join(home, 'disk'));
    await symlink('disk', join(home, 'link'));
    for (const out of ['my report', 'link/report']) {
      const { exitCode } = await report(copy, out, home);
      expect(exitCode).toBe(1);
      expect(await summaryIn(join(home, out))).toBe(await summaryIn(copy));
    }
  });

  it('lists the files of the run, and shows the ends of its logs', async () => {
    const out = await temporaryFolder('out');
    await report(await ownCopy(), out);
    const data = JSON.parse(await dataIn(out));
    const keys = data.files.map(({ key }: { key: string }) => key);
    const engineFiles = run.manifest.files.map(({ file }) => file);
    expect(keys).toEqual(expect.arrayContaining([...engineFiles, 'logs/agent.log']));
    expect(data.logs).toEqual(JSON.parse(await dataIn(run.copy)).logs);
  });

  it.each([
    ['a missing chunk', /\.gz$/, (path: string) => rm(path), /\.gz is missing/],
    [
      'a chunk with other bytes',
      /tsung\.log\/000001\.gz$/,
      async (path: string) => {
        const bytes = await readFile(path);
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
        await writeFile(path, bytes);
      },
      /tsung\.log\/000001\.gz has another SHA-256/,
    ],
    [
      'a chunk that was cut off',
      /tsung\.log\/000002\.gz$/,
      async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 20)),
      /tsung\.log\/000002\.gz has 20 bytes, not \d+/,
    ],
    [
      'another run.json',
      /^run\.json$/,
      async (path: string) => writeFile(path, `${await readFile(path, 'utf8')} `),
      /run\.json has \d+ bytes, not \d+/,
    ],
    ['a missing log', /^logs\/agent\.log$/, (path: string) => rm(path), /agent\.log is missing/],
    [
      'a manifest that is none',
      /^manifest/,
      (path: string) => writeFile(path, '{"version": 1}'),
      /manifest\.json is not a manifest: runId: is missing/,
    ],
    [
      'a manifest that leads outside',
      /^manifest/,
      async (path: string) =>
        writeFile(path, (await readFile(path, 'utf8')).replaceAll('raw/exit.json', 'raw/../x')),
      /expected a relative path that does not lead outside/,
    ],
  ] as const)('%s is told as what it is', async (_, wanted, damage, words) => {
    const copy = await ownCopy();
    await damage(join(copy, keyLike(wanted)));
    const { exitCode, stderr } = await report(copy, await temporaryFolder('out'));
    expect(exitCode).toBe(65);
    expect(stderr).toMatch(/COPY_DAMAGED/);
    expect(stderr).toMatch(words);
    expect(stderr).toContain('aws s3 sync s3://rehearsal/runs/');
  });

  it('is told what it lacks where it has no manifest', async () => {
    const copy = await ownCopy();
    await rm(join(copy, 'manifest.json'));
    await rm(join(copy, keyLike(/tsung\.log\/000001\.gz$/)));
    const out = await temporaryFolder('out');
    const { exitCode, stdout } = await report(copy, out);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/warning: .* no manifest: .*chunks are missing in raw\/.*tsung\.log/);
    const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'));
    expect(summary.run.warnings.map(({ code }: { code: string }) => code)).toContain(
      'COPY_INCOMPLETE',
    );
    expect(summary.totals.usersStarted ?? 0).toBe(0);
  });
});

it('a copy of a run that lost its engine has the same report as well', async () => {
  await using rehearsed = await beginRehearsal({ seconds: 60, settings });
  const { simulation } = rehearsed;
  const running = await until(rehearsed, ({ phase }) => phase === 'running');
  await until(rehearsed, () => simulation.target.served() > 20);
  const engineDir = join(simulation.instanceDir, 'runs', running.runId, 'engine');
  const fired = await readFired(engineDir);
  expect(fired).toBeDefined();
  if (fired !== undefined) process.kill(fired.pid, 'SIGKILL');
  const { copy, instance } = await copied(rehearsed);

  const [here, there] = [await temporaryFolder('here'), await temporaryFolder('there')];
  const fromCopy = await report(copy, there);
  expect(fromCopy.exitCode).toBe(3);
  expect((await report(instance, here)).exitCode).toBe(3);
  expect(await summaryIn(there)).toBe(await summaryIn(here));
  expect(await summaryIn(there)).toContain('"kind":"interrupted"');
});

it('a copy from the middle of a run is measured as far as it goes, and is not passed', async () => {
  await using rehearsed = await beginRehearsal({ seconds: 60, settings: 'slo: ["p95 < 1m"]\n' });
  const { bucket } = rehearsed.simulation;
  const { runId } = await until(
    rehearsed,
    ({ publish }) => publish !== undefined && publish.objects > 3 && publish.pending === 0,
  );
  const dir = await temporaryFolder('bucket');
  await bucket.exportTo(dir);
  await rehearsed.simulation.api.stop();

  const out = await temporaryFolder('out');
  const { exitCode, stdout } = await report(join(dir, 'runs', runId), out);
  expect(exitCode).toBe(3);
  expect(stdout).toContain('has no manifest');
  expect(stdout).not.toMatch(/passed/i);
});
