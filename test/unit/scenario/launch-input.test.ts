/**
 * The arguments on the command line become user-data, as EC2 would take it, or are refused with an
 * explanation.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgedUserDataOf, userDataOf } from '../../../src/scenario/launch-input.ts';
import { testFolder } from './tree.ts';

const to = { bucket: 'b', signal: AbortSignal.timeout(10_000) };

describe('a file', () => {
  it('is taken as it stands, up to what EC2 takes', async () => {
    const path = join(await testFolder(), 'user-data');
    const bytes = randomBytes(16_384);
    await writeFile(path, bytes);
    expect(await userDataOf(path, to)).toEqual({ userData: bytes });
  });

  it.each([
    ['a byte too many', 16_385, 'it has 16,385 bytes, and EC2 takes 16,384 as user-data'],
    ['more than memory holds', 3 * 2 ** 30, 'it has 3,221,225,472 bytes'],
  ])('is refused with %s', async (_, size, words) => {
    const path = join(await testFolder(), 'big.zip');
    await writeFile(path, '');
    await truncate(path, size);
    await expect(userDataOf(path, to)).rejects.toMatchObject({
      code: 'USER_DATA_OVER_16K',
      message: expect.stringContaining(words),
      hint: expect.stringContaining('onager pack'),
    });
  });
});

describe('a file that is the scenario itself', () => {
  const xml = (bytes: number): string => `<tsung>${' '.repeat(bytes)}</tsung>`;

  it('gets the advice to zip it if that makes it small enough', async () => {
    const path = join(await testFolder(), 'load.xml');
    await writeFile(path, xml(17_000));
    await expect(userDataOf(path, to)).rejects.toMatchObject({
      code: 'USER_DATA_OVER_16K',
      hint: expect.stringMatching(/^zip it: it has \d+ bytes then \(onager pack .*load\.xml\)$/),
    });
    const { problem, userData } = await judgedUserDataOf(path, to);
    expect(problem?.code).toBe('USER_DATA_OVER_16K');
    expect(String(userData)).toBe(xml(17_000));
  });

  it.each(['', ' \r\n\t', '\uFEFF'])('is refused where it is %j', async (text) => {
    const path = join(await testFolder(), 'tsung.xml');
    await writeFile(path, text);
    await expect(userDataOf(path, to)).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
  });
});

describe('a folder', () => {
  it('is packed, and uses the bucket if its zip is too large', async () => {
    const folder = await testFolder();
    await writeFile(join(folder, 'noise'), randomBytes(20_000));
    const { oversize, userData } = await userDataOf(folder, { ...to, bucket: 'somewhere' });
    expect(oversize?.byteLength).toBeGreaterThan(20_000);
    expect(String(userData)).toContain('s3://somewhere/scenario.zip');
  });

  it('with more than any instance would unpack is refused before it is read', async () => {
    const folder = await testFolder();
    await writeFile(join(folder, 'huge.csv'), '');
    await truncate(join(folder, 'huge.csv'), 3 * 2 ** 30);
    await expect(userDataOf(folder, to)).rejects.toMatchObject({
      code: 'ZIP_TOO_LARGE',
      message: expect.stringMatching(/more than the 268,435,456 bytes of limits\.unpacked/),
      hint: expect.stringMatching(/leave out/),
    });
  });
});

describe('what cannot be read', () => {
  it.each([
    ['that is not there', 'SOURCE_MISSING', (dir: string) => join(dir, 'nothing')],
    ['below a file', 'SOURCE_MISSING', (dir: string) => join(dir, 'x.xml', 'y')],
    ['that is a link to itself', 'SOURCE_UNREADABLE', (dir: string) => join(dir, 'loop')],
    ['whose bytes are refused', 'SOURCE_UNREADABLE', () => '/proc/self/mem'],
    ['that is a device', 'SOURCE_UNREADABLE', () => '/dev/zero'],
    ['with too long a name', 'SOURCE_UNREADABLE', (dir: string) => join(dir, 'x'.repeat(300))],
  ])('%s is %s', async (_, code, pathIn) => {
    const dir = await testFolder();
    await mkdir(join(dir, 'folder'));
    await writeFile(join(dir, 'x.xml'), '<tsung/>');
    await symlink('loop', join(dir, 'loop'));
    const path = pathIn(dir);
    await expect(userDataOf(path, to)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(path),
    });
  });
});
