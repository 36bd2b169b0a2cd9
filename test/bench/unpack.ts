/**
 * Unpacks 1,000 files of 100 KB with every guard on, and with Info-ZIP's unzip: prints the ratios.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { unpackScenario } from '../../src/scenario/unpack.ts';
import { median, tell } from './figure.ts';

const rounds = 7;
const limits = { unpackedBytes: 256 * 1024 ** 2, files: 2_000 };
const folder = await mkdtemp(join(process.argv[2] ?? process.cwd(), '.bench-unpack-'));
try {
  const zip = join(folder, 'scenario.zip');
  await writeZip(zip, { files: 1_000, bytesEach: 100_000 });
  for (const durable of [false, true]) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await timed(() => unpack(zip, join(folder, 'ours'), durable)));
      theirs.push(await timed(async () => unzip(zip, join(folder, 'theirs'), durable)));
    }
    const [a, b] = [median(ours), median(theirs)];
    tell({
      what: `unpack 1,000 files, 100 MB${durable ? ', on disk' : ''}`,
      ours: `${a.toFixed(0)} ms`,
      yardstick: `${b.toFixed(0)} ms (${durable ? 'unzip + sync -f' : 'unzip'})`,
      ratio: a / b,
      goal: '<= 1.5',
      met: a / b <= 1.5,
    });
  }
} finally {
  await rm(folder, { recursive: true });
}

async function unpack(zipPath: string, into: string, durable: boolean): Promise<void> {
  await unpackScenario({ zipPath, into, limits, durable, signal: AbortSignal.timeout(60_000) });
}

function unzip(zip: string, into: string, durable: boolean): void {
  execFileSync('unzip', ['-q', zip, '-d', into]);
  if (durable) execFileSync('sync', ['-f', into]);
}

/** Before each round, the folder is emptied and the disk is idle. */
async function timed(work: () => Promise<void>): Promise<number> {
  for (const name of ['ours', 'theirs'])
    await rm(join(folder, name), { recursive: true, force: true });
  execFileSync('sync', ['-f', folder]);
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Lines of a CSV file like those of load tests: they shrink to about a third. */
async function writeZip(
  path: string,
  { files, bytesEach }: Readonly<{ files: number; bytesEach: number }>,
): Promise<void> {
  const zip = new ZipFile();
  for (let file = 0; file < files; file += 1) {
    let text = '';
    for (let line = 0; text.length < bytesEach; line += 1) {
      const id = createHash('sha256').update(`${file}/${line}`).digest('hex').slice(0, 16);
      text += `user-${line};${id};user-${line}@example.test;Berlin\n`;
    }
    zip.addBuffer(Buffer.from(text.slice(0, bytesEach)), `data/users-${file}.csv`);
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}
