/**
 * How long publishing a run folder takes, compared with `aws s3 cp --recursive` of the same files
 * to the same server.
 */

import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { silentLog } from '../../src/log.ts';
import { createPublisher } from '../../src/publish/publisher.ts';
import { type RunFolder, runFolder } from '../../src/run/folder.ts';
import { median, tell } from './figure.ts';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '200' },
    mib: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
  },
});
const files = Number(values.files);
const bytesEach = Math.round((Number(values.mib) * 1024 ** 2) / files);
const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' };

/** `raw`: the engine's output, compressed on the way. `native`: files sent as they are. */
const shapes = { raw: 'engine/log/rows', native: 'report/native/page' } as const;

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-publish-'));
const server = execa(
  process.execPath,
  [join(import.meta.dirname, '../support/s3-server.ts'), 'bench', join(dir, 'store')],
  { stdin: 'pipe', buffer: false },
);
try {
  const endpoint = await firstLine(server.stdout);
  for (const [shape, path] of Object.entries(shapes)) {
    const root = join(dir, shape);
    await fillFolder(root, path);
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      theirs.push(await timed(() => copyByCli(root, endpoint, `${shape}-cli-${round}`)));
      ours.push(await timed(() => publish(runFolder(root), endpoint, `${shape}-${round}`)));
      await rm(join(root, 'publish.json'), { force: true });
      await rm(join(dir, 'store', 'bench'), { recursive: true });
      await mkdir(join(dir, 'store', 'bench'));
    }
    const [a, b] = [median(ours), median(theirs)];
    tell({
      what: `publish ${values.mib} MiB in ${files} files, ${shape}`,
      ours: `${a.toFixed(1)} s`,
      yardstick: `${b.toFixed(1)} s (aws s3 cp --recursive)`,
      ratio: a / b,
      goal: '<= 0.8',
      met: a / b <= 0.8,
    });
  }
} finally {
  server.stdin.end();
  await server;
  await rm(dir, { recursive: true, force: true });
}

async function fillFolder(root: string, path: string): Promise<void> {
  for (let index = 0; index < files; index += 1) {
    const file = join(root, `${path}-${index}.txt`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, rows(index));
  }
  await writeFile(join(root, 'run.json'), '{}\n');
}

/** Lines like those that an engine writes for each request. */
function rows(seed: number): Buffer {
  const lines: string[] = [];
  let random = seed + 1;
  for (let bytes = 0; bytes < bytesEach; bytes += lines.at(-1)?.length ?? 1) {
    random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
    const id = random % 10_000;
    lines.push(
      `${1_700_000_000 + bytes}.${id};<0.${id}.0>;${id};get;shop.test;/item/${id};200;${random % 9_973};${id / 7};\n`,
    );
  }
  return Buffer.from(lines.join('')).subarray(0, bytesEach);
}

async function publish(folder: RunFolder, endpoint: string, runId: string): Promise<void> {
  const publisher = createPublisher({
    folder,
    runId,
    settings: { bucket: 'bench', prefix: '', endpoint, region: 'us-east-1' },
    credentials: async () => credentials,
    log: silentLog(),
    onChange: () => undefined,
  });
  const info = await publisher.finish(AbortSignal.timeout(600_000), { deadlineMs: 600_000 });
  if (!info.whole) throw new Error(`not whole: ${info.problem?.message}`);
}

async function copyByCli(root: string, endpoint: string, prefix: string): Promise<void> {
  const target = `s3://bench/${prefix}/`;
  const args = ['s3', 'cp', '--recursive', '--quiet', '--endpoint-url', endpoint, root, target];
  await execa('aws', args, {
    env: {
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1_000;
}

async function firstLine(stream: Readable): Promise<string> {
  const [line] = await once(stream, 'data');
  return String(line).trim();
}
