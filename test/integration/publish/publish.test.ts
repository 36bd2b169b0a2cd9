import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/log.ts';
import { createPublisher, type PublisherOptions } from '../../../src/publish/publisher.ts';
import { runFolder } from '../../../src/run/folder.ts';
import type { PublishInfo } from '../../../src/run/state.ts';
import {
  endedRunJson,
  expectWhole,
  fill,
  finishedRun,
  grow,
  rows,
} from '../../support/s3-run-folder.ts';
import {
  bucketName,
  downloaded,
  servers,
  startOwnBucket,
  type TestServer,
  testCredentials,
} from '../../support/s3-servers.ts';
import { startToxicProxy, type ToxicProxy } from '../../support/s3-toxic-proxy.ts';
import { temporaryFolder } from '../../support/temporary.ts';

describe.each(servers)('publishing to $name', ({ start }) => {
  let dir: string;
  let root: string;
  let server: TestServer;
  let proxy: ToxicProxy;

  beforeEach(async () => {
    dir = await temporaryFolder('publish');
    root = join(dir, 'run');
    server = await start(dir);
    proxy = await startToxicProxy({ target: () => server.endpoint, ...testCredentials });
  });
  afterEach(async () => {
    await proxy.close();
    await server.stop();
  });

  function options(changes: Partial<PublisherOptions> = {}): PublisherOptions {
    return {
      folder: runFolder(root),
      runId: 'run-1',
      settings: { bucket: bucketName, prefix: 'runs', endpoint: proxy.endpoint },
      credentials: async () => testCredentials,
      defaultRegion: 'us-east-1',
      log: silentLog(),
      onChange: () => undefined,
      liveEveryMs: 20,
      pace: { firstMs: 10, capMs: 50 },
      ...changes,
    };
  }

  it('brings the whole run folder into the bucket, each request signed, the manifest last', async () => {
    const folder = await finishedRun(root);
    const publisher = createPublisher(options());
    const info = await publisher.finish(AbortSignal.timeout(30_000), { deadlineMs: 30_000 });
    expect(info).toMatchObject({ to: `s3://${bucketName}/runs/run-1`, whole: true, pending: 0 });
    expect(info).not.toHaveProperty('problem');
    const objects = await downloaded(server.endpoint);
    const manifest = await expectWhole(objects, 'runs/run-1', folder);
    expect(manifest).toMatchObject({ runId: 'run-1', outcome: 'complete', exitCode: 0 });
    expect(info.objects).toBe(objects.size);
    expect(proxy.journal.filter((seen) => seen.signatureProblem !== undefined)).toEqual([]);
    const puts = proxy.journal.filter(({ method }) => method === 'PUT').map(({ key }) => key);
    expect(puts.at(-1)).toBe('runs/run-1/manifest.json');
    expect(puts.indexOf('runs/run-1/run.json')).toBeGreaterThan(
      puts.indexOf('runs/run-1/report.html'),
    );
  });

  it('sends nothing again after a restart, and nothing twice', async () => {
    await finishedRun(root);
    const signal = AbortSignal.timeout(30_000);
    await createPublisher(options()).finish(signal, { deadlineMs: 30_000 });
    const sent = proxy.journal.length;
    const info = await createPublisher(options()).finish(signal, { deadlineMs: 30_000 });
    expect(info.whole).toBe(true);
    expect(proxy.journal).toHaveLength(sent);
    const puts = proxy.journal.filter(({ method }) => method === 'PUT').map(({ key }) => key);
    expect(puts).toHaveLength(new Set(puts).size);
  });

  it('sends again what was changed just before the end', async () => {
    const folder = await finishedRun(root);
    await createPublisher(options()).finish(AbortSignal.timeout(30_000), {
      deadlineMs: 30_000,
      async beforeSeal() {
        await writeFile(folder.runJson, endedRunJson('stopped'));
        await writeFile(folder.reportHtml, '<!doctype html>published');
      },
    });
    const objects = await downloaded(server.endpoint);
    const manifest = await expectWhole(objects, 'runs/run-1', folder);
    expect(manifest).toMatchObject({ outcome: 'stopped', exitCode: 3 });
  });

  it('keeps state and growing files in the bucket up to date while the run goes on', async () => {
    const folder = runFolder(root);
    await fill(root, 'run.json', '{"phase":"running"}');
    await fill(root, 'engine/log/rows', '');
    const publisher = createPublisher(options());
    const isOver = new AbortController();
    const live = publisher.live(isOver.signal);
    let written = 0;
    for (let step = 1; step <= 5; step += 1) {
      await grow(folder, 'log/rows', rows(200, written));
      written += 200;
      await fill(root, 'run.json', JSON.stringify({ phase: 'running', step }));
      await expect
        .poll(() => text(downloaded(server.endpoint), 'runs/run-1/run.json'), { timeout: 10_000 })
        .toContain(`"step":${step}`);
      await expect
        .poll(async () => (await downloaded(server.endpoint)).size, { timeout: 10_000 })
        .toBe(step + 1);
    }
    isOver.abort();
    await live;
    await fill(root, 'engine/exit.json', '{}');
    await publisher.finish(AbortSignal.timeout(30_000), { deadlineMs: 30_000 });
    const manifest = await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
    expect(manifest.files.find(({ file }) => file === 'raw/log/rows')?.chunks).toHaveLength(5);
  });

  it('publishes a file anew that was rewritten instead of appended to', async () => {
    const folder = runFolder(root);
    await fill(root, 'run.json', '{}');
    await fill(root, 'engine/status', 'starting, please wait');
    await fill(root, 'engine/shorter', 'a long first version');
    const publisher = createPublisher(options());
    const isOver = new AbortController();
    const live = publisher.live(isOver.signal);
    await expect.poll(() => publisher.info().objects, { timeout: 10_000 }).toBe(3);
    isOver.abort();
    await live;
    await writeFile(join(root, 'engine/status'), 'finished, thank you.....');
    await truncate(join(root, 'engine/shorter'), 3);
    await publisher.finish(AbortSignal.timeout(30_000), { deadlineMs: 30_000 });
    const objects = new Map(await downloaded(server.endpoint));
    // What the first version left behind is still in the bucket, but not in the manifest.
    for (const name of ['status', 'shorter']) objects.delete(`runs/run-1/raw/${name}/000001.gz`);
    objects.delete('runs/run-1/raw/status/000002.gz');
    await expectWhole(objects, 'runs/run-1', folder);
  });

  it('brings everything when the server is away at first, and again at the end', async () => {
    const folder = await finishedRun(root);
    await rm(folder.exitJson);
    await server.stop();
    const told: PublishInfo[] = [];
    const publisher = createPublisher(options({ onChange: (info) => told.push(info) }));
    const isOver = new AbortController();
    const live = publisher.live(isOver.signal);
    await expect
      .poll(() => publisher.info().problem?.code, { timeout: 10_000 })
      .toMatch(/^BUCKET_/);
    await server.startAgain();
    await expect.poll(() => publisher.info().objects, { timeout: 10_000 }).toBeGreaterThan(3);
    await expect.poll(() => publisher.info().problem, { timeout: 10_000 }).toBeUndefined();
    await server.stop();
    await grow(folder, 'log/20261122-2200/tsung.dump', rows(1_000));
    isOver.abort();
    await live;
    await fill(root, 'engine/exit.json', '{}');
    const finished = publisher.finish(AbortSignal.timeout(60_000), { deadlineMs: 60_000 });
    await expect
      .poll(() => publisher.info().problem?.code, { timeout: 10_000 })
      .toMatch(/^BUCKET_/);
    await server.startAgain();
    await expect(finished).resolves.toMatchObject({ whole: true, pending: 0 });
    expect(told.at(-1)).toEqual(publisher.info());
    expect(publisher.info()).not.toHaveProperty('problem');
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('never writes over another manifest', async () => {
    const folder = await finishedRun(root);
    const signal = AbortSignal.timeout(30_000);
    await createPublisher(options()).finish(signal, { deadlineMs: 30_000 });
    const first = (await downloaded(server.endpoint)).get('runs/run-1/manifest.json');
    await rm(folder.publishJson);
    const info = await createPublisher(options()).finish(signal, { deadlineMs: 30_000 });
    expect(info.whole).toBe(true);
    const objects = await downloaded(server.endpoint);
    expect(objects.get('runs/run-1/manifest.json')).toEqual(first);
    expect(objects.has('runs/run-1/manifest-2.json')).toBe(true);
  });
});

async function text(objects: Promise<ReadonlyMap<string, Buffer>>, key: string): Promise<string> {
  return String((await objects).get(key));
}

it('an agent that was killed in the middle of its puts changes nothing once they land', async () => {
  const dir = await temporaryFolder('publish-late');
  await using stack = new AsyncDisposableStack();
  const server = await startOwnBucket(dir);
  stack.defer(() => server.stop());
  let isLate = false;
  const proxy = await startToxicProxy({
    target: () => server.endpoint,
    ...testCredentials,
    toxic: ({ method }) => (isLate && method === 'PUT' ? { kind: 'late' } : undefined),
  });
  stack.defer(() => proxy.close());
  const root = join(dir, 'run');
  const folder = await finishedRun(root);
  const publisher = () =>
    createPublisher({
      folder,
      runId: 'run-1',
      settings: { bucket: bucketName, prefix: 'runs', endpoint: proxy.endpoint },
      credentials: async () => testCredentials,
      log: silentLog(),
      onChange: () => undefined,
      liveEveryMs: 20,
      pace: { firstMs: 10, capMs: 50 },
    });
  const puts = (): readonly string[] =>
    proxy.journal.filter(({ method }) => method === 'PUT').map(({ key }) => key);

  // Its first run.json is there; the second one and more rows are being sent when it is killed.
  const killed = new AbortController();
  const live = publisher().live(killed.signal);
  await expect.poll(() => puts().length, { timeout: 20_000 }).toBeGreaterThan(6);
  isLate = true;
  const inTime = puts().length;
  await fill(root, 'run.json', '{"phase":"running","late":true}');
  await grow(folder, 'log/20261122-2200/tsung.dump', rows(10, 300_000));
  const late = ['/run.json', '.gz'];
  await expect
    .poll(
      () =>
        late.every((end) =>
          puts()
            .slice(inTime)
            .some((key) => key.endsWith(end)),
        ),
      {
        timeout: 20_000,
      },
    )
    .toBe(true);
  killed.abort();
  await live;
  isLate = false;

  await fill(root, 'run.json', '{"phase":"finished"}');
  const info = await publisher().finish(AbortSignal.timeout(60_000), { deadlineMs: 30_000 });
  expect(info).toMatchObject({ whole: true });
  const before = await downloaded(server.endpoint);
  const statuses = await proxy.release();
  expect(statuses.length).toBeGreaterThan(1);
  expect(new Set(statuses)).toEqual(new Set([412]));
  expect(await downloaded(server.endpoint)).toEqual(before);
  await expectWhole(before, 'runs/run-1', folder);
});
