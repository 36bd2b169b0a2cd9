import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wait } from '../../../src/retry.ts';
import { type RunFolder, runFolder } from '../../../src/run/folder.ts';
import { createRandom, seed } from '../../support/random.ts';
import { endedRunJson, expectWhole, fill, grow, rows } from '../../support/s3-run-folder.ts';
import {
  bucketName,
  downloaded,
  startOwnBucket,
  type TestServer,
  testCredentials,
} from '../../support/s3-servers.ts';
import { startToxicProxy, type ToxicProxy } from '../../support/s3-toxic-proxy.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const kills = 20;
const random = createRandom();

describe('a publisher that is killed', () => {
  let dir: string;
  let root: string;
  let server: TestServer;
  let proxy: ToxicProxy;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    dir = await temporaryFolder('publish-kill');
    root = join(dir, 'run');
    server = await startOwnBucket(dir);
    proxy = await startToxicProxy({ target: () => server.endpoint, ...testCredentials });
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await proxy.close();
    await server.stop();
  });

  function start(): ChildProcess {
    const program = join(import.meta.dirname, '../../support/s3-publishing-child.ts');
    const { accessKeyId, secretAccessKey } = testCredentials;
    const args = [program, root, proxy.endpoint, bucketName, accessKeyId, secretAccessKey];
    child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    return child;
  }

  /** Starts a publisher, does something in the meantime, and kills it at a random moment. */
  async function killedAfter(maxMs: number, meanwhile?: () => Promise<void>): Promise<void> {
    const running = start();
    await once(running.stdout ?? running, 'data');
    const isEnded = once(running, 'exit');
    const untilMs = performance.now() + random() * maxMs;
    while (performance.now() < untilMs) {
      await meanwhile?.();
      await wait(5, AbortSignal.timeout(5_000));
    }
    running.kill('SIGKILL');
    await isEnded;
  }

  it(`loses no byte and sends none twice, killed ${kills} times on the way (seed ${seed})`, async () => {
    const folder = runFolder(root);
    await fill(root, 'run.json', endedRunJson('complete'));
    await fill(root, 'report/report.html', '<!doctype html>');
    for (let index = 0; index < 30; index += 1) {
      await fill(root, `report/native/${index}.png`, `image ${index}`);
    }
    await fill(root, 'engine/log/rows', '');
    await fill(root, 'engine/log/other', '');

    // The last kills hit the end of the run: the report and the manifest.
    const killsWhileItRuns = kills - 8;
    const grows = growing(folder);
    for (let kill = 0; kill < killsWhileItRuns; kill += 1) await killedAfter(300, grows);
    await fill(root, 'engine/exit.json', '{}');
    for (let kill = killsWhileItRuns; kill < kills; kill += 1) await killedAfter(120);
    const [code] = await once(start(), 'exit');
    expect(code).toBe(0);

    const manifest = await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
    expect(manifest.outcome).toBe('complete');
    expect(manifest.files.map(({ file }) => file)).toContain('raw/log/rows');
    // What was sent more than once was identical each time: no chunk ever had other bytes.
    const sums = new Map<string, Set<string>>();
    for (const { method, key, sha256 } of proxy.journal) {
      if (method !== 'PUT' || key.endsWith('/run.json')) continue;
      sums.set(key, (sums.get(key) ?? new Set()).add(sha256));
    }
    expect([...sums].filter(([, { size }]) => size > 1)).toEqual([]);
    expect(sums.size).toBeGreaterThan(40);
  });
});

/** Appends to two files, never the same line twice. */
function growing(folder: RunFolder): () => Promise<void> {
  let written = 0;
  return async () => {
    await grow(folder, 'log/rows', rows(100, written));
    await grow(folder, 'log/other', rows(5, written));
    written += 100;
  };
}
