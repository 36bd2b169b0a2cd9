/**
 * Unpacking in a process of its own: the cost of an attack, what a kill leaves behind, and zips of
 * other tools.
 */

import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type RawEntry, rawZip } from '../../support/raw-zip.ts';
import { testFolder } from './fetch/servers.ts';

const program = fileURLToPath(new URL('unpack-program.ts', import.meta.url));
const mebibyte = 1024 ** 2;

async function unpack(zipPath: string, into: string) {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, zipPath, into]);
  const told: Readonly<{ outcome: string; cpuMs: number; maxRssKiB: number }> = JSON.parse(stdout);
  return told;
}

const zeros = Buffer.alloc(512 * mebibyte);
const packedZeros = deflateRawSync(zeros, { level: 9 });

const bombs: readonly Readonly<{ title: string; outcome: string; zip: () => Buffer }>[] = [
  {
    title: 'half a gigabyte that declares what it is',
    outcome: 'ZIP_FILE_TOO_LARGE',
    zip: () => rawZip([{ name: 'x', packed: packedZeros, both: { size: zeros.length } }]),
  },
  {
    title: 'half a gigabyte that declares to be 60 MiB',
    outcome: 'ZIP_SIZE_LIE',
    zip: () =>
      rawZip([
        {
          name: 'x',
          packed: packedZeros,
          both: { size: 60 * mebibyte, crc: crc32(zeros.subarray(0, 60 * mebibyte)) },
        },
      ]),
  },
  {
    title: 'a hundred times half a gigabyte that declare to be 100 bytes',
    outcome: 'ZIP_SIZE_LIE',
    zip: () =>
      rawZip(
        Array.from({ length: 100 }, (_, file): RawEntry => {
          return { name: `${file}`, packed: packedZeros, both: { size: 100 } };
        }),
      ),
  },
  {
    title: 'two thousand names for the same data',
    outcome: 'ZIP_OVERLAP',
    zip: () =>
      rawZip(
        Array.from({ length: 2_000 }, (_, file): RawEntry => {
          const name = Buffer.from(`${file + 1_000}`);
          const shared = { name, packed: packedZeros.subarray(0, 99), both: { size: 1_000 } };
          return file === 0 ? shared : { ...shared, centralOnly: true, central: { offset: 0 } };
        }),
      ),
  },
  {
    title: 'two thousand names of 60 KB',
    outcome: 'ZIP_DIRECTORY',
    zip: () =>
      rawZip(
        Array.from({ length: 2_000 }, (_, file) => ({ name: `${file}`.padEnd(60_000, '/x') })),
      ),
  },
  {
    title: 'two thousand headers with 64 KB in each that the table of contents does not have',
    outcome: 'ZIP_HEADER_MISMATCH',
    zip: () =>
      rawZip(
        Array.from({ length: 2_000 }, (_, file): RawEntry => {
          return { name: `${file}`, local: { name: Buffer.alloc(60_000, 'x') } };
        }),
      ),
  },
  {
    title: 'the most that is permitted',
    outcome: '1999 files',
    zip: () => {
      const data = Buffer.alloc(130_000, 'user;password;city\n');
      return rawZip(Array.from({ length: 1_999 }, (_, file) => ({ name: `d/${file}`, data })));
    },
  },
];

describe('a zip bomb', () => {
  it.for(bombs)('costs little: $title', async ({ zip, outcome }) => {
    const folder = await testFolder();
    const zipPath = join(folder, 'bomb.zip');
    await writeFile(zipPath, zip());

    const told = await unpack(zipPath, join(folder, 'scenario'));

    expect(told.outcome).toBe(outcome);
    // It takes two seconds on an idle machine. The largest permitted zip is not an attack: its 260
    // MB just must not be kept in memory.
    const isAttack = outcome.startsWith('ZIP');
    expect(told.maxRssKiB).toBeLessThan((isAttack ? 150 : 200) * 1024);
    if (isAttack) expect(told.cpuMs).toBeLessThan(4_000);
  });
});

it('leaves nothing in its place when it is killed, and the next run sweeps up', async () => {
  const folder = await testFolder();
  const zipPath = join(folder, 'big.zip');
  const data = Buffer.alloc(100_000, 'user;password;city\n');
  await writeFile(
    zipPath,
    rawZip(Array.from({ length: 1_500 }, (_, file) => ({ name: `d/${file}`, data }))),
  );
  const place = join(folder, 'place');
  await mkdir(place);
  const changes = watch(place, { signal: AbortSignal.timeout(20_000) });
  const child = spawn(process.execPath, [program, zipPath, join(place, 'scenario')]);
  const ended = once(child, 'exit');
  for await (const _ of changes) break;
  child.kill('SIGKILL');
  await ended;

  expect(await readdir(place)).toEqual([expect.stringMatching(/^scenario\.draft-/)]);
  expect(await unpack(zipPath, join(place, 'scenario'))).toMatchObject({ outcome: '1500 files' });
  expect(await readdir(place)).toEqual(['scenario']);
});

describe('a zip of another tool', () => {
  it.for([['-9'], ['-0'], ['-fd'], ['-fz'], ['-X'], ['-D']])(
    'is fine: zip %s',
    async ([option = '']) => {
      const folder = await testFolder();
      await mkdir(join(folder, 'shop', 'data'), { recursive: true });
      await writeFile(join(folder, 'shop', 'tsung.xml'), '<tsung/>'.repeat(99));
      await writeFile(join(folder, 'shop', 'data', 'données.csv'), 'a;b');
      execFileSync('zip', ['-q', '-r', option, 'shop.zip', 'shop'], { cwd: folder });

      const told = await unpack(join(folder, 'shop.zip'), join(folder, 'scenario'));

      expect(told.outcome).toBe('2 files');
      expect(await readdir(join(folder, 'scenario'), { recursive: true })).toEqual([
        'data',
        'tsung.xml',
        'data/données.csv',
      ]);
    },
  );

  it('is fine from a pipe: zip -', async () => {
    const folder = await testFolder();
    await writeFile(join(folder, 'tsung.xml'), '<tsung/>');
    const bytes = execFileSync('sh', ['-c', 'zip -q -r - tsung.xml | cat'], { cwd: folder });
    await writeFile(join(folder, 'x.zip'), bytes);

    const told = await unpack(join(folder, 'x.zip'), join(folder, 'scenario'));

    expect(told.outcome).toBe('1 files');
  });
});
