/**
 * A scenario that writes whatever it likes into the engine's folder while it runs, with the real
 * agent, engine and bucket.
 */

import { readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { identify } from '../../../src/engine/processes.ts';
import { allOddKinds, putOdd, secret } from '../../support/odd-files.ts';
import {
  beginRehearsal,
  engineProcess,
  expectWholeBucket,
  finalSummary,
  isOver,
  killAgent,
  type Rehearsed,
  until,
} from '../../support/rehearsal.ts';
import { besideTarget } from '../../support/warnings.ts';

async function running(): Promise<Rehearsed & Readonly<{ root: string; engine: string }>> {
  const rehearsed = await beginRehearsal({ seconds: 60 });
  const { target } = rehearsed.simulation;
  const run = await until(rehearsed, ({ phase }) => phase === 'running' && target.served() > 10);
  await engineProcess(rehearsed, run);
  const root = join(rehearsed.simulation.instanceDir, 'runs', run.runId);
  return { ...rehearsed, root, engine: join(root, 'engine') };
}

async function ask(
  { simulation: { identity, port } }: Rehearsed,
  path: string,
  method = 'GET',
): Promise<Response> {
  const headers = { authorization: `Bearer ${identity.instanceId}` };
  return await fetch(`http://127.0.0.1:${await port()}${path}`, { method, headers });
}

/** Everything in the bucket, unpacked. */
async function bucketTexts({ out }: Rehearsed): Promise<readonly string[]> {
  const entries = await readdir(join(out, 'bucket'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return await Promise.all(
    files.map(async ({ name, parentPath }) => {
      const bytes = await readFile(join(parentPath, name));
      return String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
    }),
  );
}

describe('a scenario that replaces files with all kinds of things', () => {
  it('is stopped, reported and published as usual, reveals no secret, and gets a warning', async () => {
    await using rehearsed = await running();
    const { engine, root } = rehearsed;
    const secretPath = join(root, 'secret');
    await writeFile(secretPath, secret);
    for (const kind of Object.keys(allOddKinds)) {
      await putOdd(kind, join(engine, `${kind}.log`), secretPath);
    }
    await symlink('../resolved.json', join(engine, 'x.log'));
    await symlink('..', join(engine, 'up'));
    for (const name of ['exit.json', 'fired.json', 'engine.json', 'isolation.json', 'host.log']) {
      await putOdd('a pipe', join(engine, name), secretPath);
    }
    await putOdd('a link', join(engine, 'generator.ndjson'), secretPath);

    const resolved = await readFile(join(root, 'resolved.json'), 'utf8');
    for (const name of ['x.log', 'a link.log', 'a hard link.log', 'up/resolved.json']) {
      expect((await ask(rehearsed, `/files/raw/${encodeURIComponent(name)}`)).status).toBe(404);
    }
    expect((await (await ask(rehearsed, '/files')).text()).includes('resolved')).toBe(false);

    expect((await ask(rehearsed, '/api/stop', 'POST')).ok).toBe(true);
    const run = await until(rehearsed, isOver);
    expect(run.outcome).toEqual({ kind: 'stopped' });
    expect((await finalSummary(rehearsed)).totals.requests).toBeGreaterThan(5);
    await expectWholeBucket(rehearsed, run);
    const texts = await bucketTexts(rehearsed);
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter((text) => text.includes(secret) || text.includes(resolved))).toEqual([]);
    const [warning] = run.warnings.filter(({ code }) => code === 'ENGINE_FILE_REFUSED');
    expect(warning?.message).toMatch(/^not read and not published: "engine\/.+ \(it is a .+ more$/);
  });
});

describe('a pipe instead of exit.json', () => {
  it('keeps the agent from nothing, also when it starts anew', async () => {
    await using rehearsed = await running();
    await putOdd('a pipe', join(rehearsed.engine, 'exit.json'), '');
    await killAgent(rehearsed);
    await until(rehearsed, ({ phase }) => phase === 'running');
    expect((await ask(rehearsed, '/api/stop', 'POST')).ok).toBe(true);
    const run = await until(rehearsed, isOver);
    // The engine's supervisor overwrites it with its own.
    expect(run.outcome).toEqual({ kind: 'stopped' });
    expect(besideTarget(run)).toEqual([]);
    await expectWholeBucket(rehearsed, run);
  });
});

describe('a folder instead of exit.json', () => {
  it('is moved aside, so that the end of the run is reported', async () => {
    await using rehearsed = await running();
    await putOdd('a folder', join(rehearsed.engine, 'exit.json'), '');
    await writeFile(join(rehearsed.engine, 'exit.json', 'in-it'), '');
    expect((await ask(rehearsed, '/api/stop', 'POST')).ok).toBe(true);
    const run = await until(rehearsed, isOver);
    expect(run.outcome).toMatchObject({
      kind: 'interrupted',
      problem: { message: expect.stringContaining('ended without recording how') },
    });
    expect(await readdir(rehearsed.engine)).toContainEqual(
      expect.stringMatching(/^exit\.json\.refused-/),
    );
    await expectWholeBucket(rehearsed, run);
  });
});

describe.each([
  ['a pipe', 'ENGINE_FILE_REFUSED', /fired\.json is not read: it is a pipe$/],
  ['nothing', 'ENGINE_ALREADY_FIRED', /fired\.json existed, and is gone$/],
])('%s instead of fired.json', (kind, code, words) => {
  it('fails a run whose agent starts anew, in words, and fires nothing again', async () => {
    await using rehearsed = await running();
    const fired = join(rehearsed.engine, 'fired.json');
    await rename(fired, `${fired}.kept`);
    await putOdd(kind, fired, '');
    await killAgent(rehearsed);
    const run = await until(rehearsed, isOver);
    expect(run.outcome).toMatchObject({
      kind: 'failed',
      problem: { code, message: expect.stringMatching(words) },
    });
    const { pid } = JSON.parse(await readFile(`${fired}.kept`, 'utf8'));
    await vi.waitUntil(() => identify(pid) === undefined, { timeout: 60_000 });
  });
});

describe('an exit.json that makes sense, by the engine', () => {
  it('ends nothing, also when the agent starts anew: the supervisor still runs', async () => {
    await using rehearsed = await running();
    const exit = join(rehearsed.engine, 'exit.json');
    const at = new Date().toISOString();
    await writeFile(exit, JSON.stringify({ startedAt: at, endedAt: at, reason: 'ended' }));
    const { target } = rehearsed.simulation;
    const before = target.served();
    await until(rehearsed, () => target.served() > before + 10);
    await killAgent(rehearsed);
    const again = target.served();
    await until(rehearsed, ({ phase }) => phase === 'running' && target.served() > again + 10);
    expect((await ask(rehearsed, '/api/stop', 'POST')).ok).toBe(true);
    const run = await until(rehearsed, isOver);
    expect(run.outcome).toEqual({ kind: 'stopped' });
    expect((await finalSummary(rehearsed)).totals.requests).toBeGreaterThan(again);
    await expectWholeBucket(rehearsed, run);
  });
});
