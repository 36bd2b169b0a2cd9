/**
 * Whatever the engine's user does to its folder during publishing, no file from elsewhere gets into
 * the bucket.
 */

import { link, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/log.ts';
import { openBucket } from '../../../src/publish/bucket/bucket.ts';
import { openLedger } from '../../../src/publish/ledger.ts';
import { createPublisher } from '../../../src/publish/publisher.ts';
import type { Route } from '../../../src/publish/route.ts';
import { jobsFor } from '../../../src/publish/sync.ts';
import { runJobs } from '../../../src/publish/upload-queue.ts';
import { verifyChunked } from '../../../src/publish/verify.ts';
import { type RunFolder, runFolder } from '../../../src/run/folder.ts';
import { allOddKinds, putOdd } from '../../support/odd-files.ts';
import { expectWhole, fill, rows } from '../../support/s3-run-folder.ts';
import {
  bucketName,
  downloaded,
  startOwnBucket,
  type TestServer,
  testCredentials,
} from '../../support/s3-servers.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir = '';
let server: TestServer;
let folder: RunFolder;
let secretPath = '';
const deadlineMs = 60_000;
beforeEach(async () => {
  dir = await temporaryFolder('refused');
  server = await startOwnBucket(dir);
  folder = runFolder(join(dir, 'run'));
  const { root } = folder;
  await fill(root, 'run.json', '{}');
  await fill(root, 'user-data', 'SECRET');
  await fill(root, 'engine/stdout.log', 'out\n');
  await fill(root, 'engine/x.dump', rows(1_000));
  await fill(root, 'engine/sub/y.dump', rows(1_000));
  secretPath = folder.userData;
});
afterEach(async () => {
  await server.stop();
});

function options() {
  return {
    folder,
    runId: 'run-1',
    settings: { bucket: bucketName, prefix: 'runs', endpoint: server.endpoint },
    credentials: async () => testCredentials,
    defaultRegion: 'eu-west-1',
    log: silentLog(),
    onChange: () => undefined,
    liveEveryMs: 5,
    pace: { firstMs: 10, capMs: 50 },
  };
}

async function routeOf(): Promise<Route> {
  const { log } = options();
  const ledger = await openLedger(folder.publishJson, 'here', log);
  const bucket = openBucket(options());
  return { folder, prefix: 'runs/run-1', bucket, ledger, log, now: () => new Date() };
}

/** Everything in the bucket, unpacked. */
async function texts(): Promise<ReadonlyMap<string, string>> {
  const objects = await downloaded(server.endpoint);
  return new Map(
    [...objects].map(([key, bytes]) => [
      key,
      String(key.endsWith('.gz') ? gunzipSync(bytes) : bytes),
    ]),
  );
}

async function expectNoSecret(): Promise<void> {
  for (const [key, text] of await texts()) {
    expect({ key, isSecret: text.includes('SECRET') }).toEqual({ key, isSecret: false });
  }
}

const places = ['engine/x.dump', 'engine/stdout.log'] as const;
const cells = places.flatMap((place) =>
  Object.keys(allOddKinds).map((kind) => [kind, place] as const),
);

describe('swapped in between the list and the upload', () => {
  it.each(cells)(
    '%s instead of %s is left out, and everything else is published',
    async (kind, place) => {
      const route = await routeOf();
      const jobs = await jobsFor(route, ['grown', 'whole', 'state']);
      await putOdd(kind, join(folder.root, place), secretPath);
      await runJobs(jobs, {
        pace: { parallel: 8, firstMs: 1, capMs: 1, random: () => 0 },
        signal: AbortSignal.timeout(deadlineMs),
        onFileFailure: 'retry',
        onProgress: () => undefined,
      });
      await expectNoSecret();
      const keys = [...(await texts()).keys()];
      expect(keys).toContain('runs/run-1/raw/sub/y.dump/000001.gz');
      expect(keys).toHaveLength(3);
    },
  );

  it('a link instead of the parent folder is left out as well', async () => {
    const route = await routeOf();
    const jobs = await jobsFor(route, ['grown']);
    await rename(join(folder.engineDir, 'sub'), join(dir, 'private'));
    await writeFile(join(dir, 'private', 'y.dump'), 'SECRET'.repeat(10_000));
    await symlink(join(dir, 'private'), join(folder.engineDir, 'sub'));
    for (const job of jobs) await job.run(AbortSignal.timeout(deadlineMs));
    await expectNoSecret();
  });
});

describe('swapped in between the upload and the verification', () => {
  it.each(Object.keys(allOddKinds))('%s makes a manifest without the file', async (kind) => {
    const route = await routeOf();
    for (const job of await jobsFor(route, ['grown'])) {
      await job.run(AbortSignal.timeout(deadlineMs));
    }
    await putOdd(kind, join(folder.engineDir, 'x.dump'), secretPath);
    const signal = AbortSignal.timeout(deadlineMs);
    expect(await verifyChunked(folder, route.ledger, silentLog(), signal)).toBe(true);
    expect(Object.keys(route.ledger.data.chunked)).toEqual(['raw/sub/y.dump']);
  });
});

describe('a whole run', () => {
  it.each(Object.keys(allOddKinds))('with %s in it is published to its end', async (kind) => {
    await putOdd(kind, join(folder.engineDir, 'odd.log'), secretPath);
    const publisher = createPublisher(options());
    const info = await publisher.finish(AbortSignal.timeout(deadlineMs), { deadlineMs });
    expect(info).toMatchObject({ whole: true, pending: 0 });
    await expectNoSecret();
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('in which a file has become shorter is published to its end', async () => {
    const publisher = createPublisher(options());
    const isOver = new AbortController();
    const live = publisher.live(isOver.signal);
    while (publisher.info().objects < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    isOver.abort();
    await live;
    await truncate(join(folder.engineDir, 'x.dump'), 10);
    const info = await publisher.finish(AbortSignal.timeout(deadlineMs), { deadlineMs });
    expect(info).toMatchObject({ whole: true });
  });

  it('in which files and links keep changing places reveals nothing', async () => {
    let isOver = false;
    const x = join(folder.engineDir, 'x.dump');
    const sub = join(folder.engineDir, 'sub');
    await mkdir(join(dir, 'private'));
    await writeFile(join(dir, 'private', 'y.dump'), 'SECRET'.repeat(10_000));
    const swap = async (): Promise<void> => {
      for (let round = 0; !isOver; round += 1) {
        await symlink(secretPath, `${x}.tmp`);
        await rename(`${x}.tmp`, x);
        await rename(sub, `${sub}.tmp`);
        await symlink(join(dir, 'private'), sub);
        await link(secretPath, `${x}.tmp`);
        await rename(`${x}.tmp`, x);
        await rm(sub);
        await rename(`${sub}.tmp`, sub);
        await writeFile(`${x}.tmp`, rows(100, round));
        await rename(`${x}.tmp`, x);
      }
    };
    const swapping = swap();
    const publisher = createPublisher(options());
    const rounds = new AbortController();
    const live = publisher.live(rounds.signal);
    // Each round lists and sends.
    for (let round = 0; round < 40; round += 1) {
      const route = await routeOf();
      for (const job of await jobsFor(route, ['grown', 'whole'])) {
        await job.run(AbortSignal.timeout(deadlineMs));
      }
      await verifyChunked(folder, route.ledger, silentLog(), AbortSignal.timeout(deadlineMs));
    }
    rounds.abort();
    await live;
    isOver = true;
    await swapping;
    await expectNoSecret();
    const info = await publisher.finish(AbortSignal.timeout(deadlineMs), { deadlineMs });
    expect(info).toMatchObject({ whole: true });
    await expectNoSecret();
  });
});
