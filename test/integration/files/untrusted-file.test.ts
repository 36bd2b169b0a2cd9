/** Reading a file where there may be anything instead of a file. */

import { link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  isPlainFile,
  openUntrusted,
  openUntrustedSync,
  RefusedFile,
} from '../../../src/files/untrusted-file.ts';
import { readUntrusted, readUntrustedEnd } from '../../../src/files/untrusted-text.ts';
import { allOddKinds, isRoot, putOdd, secret, wordsOf } from '../../support/odd-files.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir = '';
let path = '';
let secretPath = '';
beforeEach(async () => {
  dir = await temporaryFolder('untrusted');
  await mkdir(join(dir, 'engine'));
  path = join(dir, 'engine', 'x.log');
  secretPath = join(dir, 'resolved.json');
  await writeFile(secretPath, secret);
});

const maxBytes = 1_000;

describe.each(Object.keys(allOddKinds))('%s in the place of a file', (kind) => {
  it('is refused in words, however it is read', async () => {
    await putOdd(kind, path, secretPath);
    const refused = { code: 'ENGINE_FILE_REFUSED', where: path };
    const words = expect.stringContaining(wordsOf(kind));
    await expect(openUntrusted(path)).rejects.toMatchObject({ ...refused, reason: words });
    expect(() => openUntrustedSync(path)).toThrow(RefusedFile);
    expect(() => readUntrusted(path, { maxBytes })).toThrow(RefusedFile);
    expect(readUntrustedEnd(path, maxBytes)).toBe('');
  });
});

it.skipIf(isRoot)('what may not be read is refused in words', async () => {
  await writeFile(path, 'x', { mode: 0 });
  await expect(openUntrusted(path)).rejects.toMatchObject({ reason: 'it may not be read' });
});

describe('a file', () => {
  it('is read as a whole, up to its bound, or from its end', async () => {
    expect(readUntrusted(path, { maxBytes })).toBeUndefined();
    expect(readUntrustedEnd(path, maxBytes)).toBe('');
    expect(isPlainFile(path)).toBe(false);
    await writeFile(path, 'ä23456789');
    expect(isPlainFile(path)).toBe(true);
    expect(readUntrusted(path, { maxBytes: 10 })).toBe('ä23456789');
    expect(() => readUntrusted(path, { maxBytes: 9 })).toThrow('it has 10 bytes, more than 9');
    expect(readUntrustedEnd(path, 3)).toBe('789');
  });

  it('that is just being claimed has two names, and is read by who expects that', async () => {
    await writeFile(path, 'claim');
    await link(path, `${path}.draft`);
    expect(readUntrusted(path, { maxBytes, claimed: true })).toBe('claim');
    expect(() => readUntrusted(path, { maxBytes })).toThrow('a hard link');
  });

  it('is not there behind a file', () => {
    expect(readUntrusted(join(secretPath, 'x'), { maxBytes })).toBeUndefined();
  });

  it('behind a linked folder is refused', async () => {
    await mkdir(join(dir, 'private'));
    await writeFile(join(dir, 'private', 'rows'), secret);
    await symlink(join(dir, 'private'), join(dir, 'engine', 'sub'));
    const behind = join(dir, 'engine', 'sub', 'rows');
    await expect(openUntrusted(behind)).rejects.toMatchObject({ reason: 'it is behind a link' });
    expect(() => readUntrusted(behind, { maxBytes })).toThrow('behind a link');
    // A folder that is what it seems is read.
    await rm(join(dir, 'engine', 'sub'));
    await rename(join(dir, 'private'), join(dir, 'engine', 'sub'));
    expect(readUntrusted(behind, { maxBytes })).toBe(secret);
  });

  it('that is replaced as a whole all the time is read all the same', async () => {
    let isOver = false;
    const replace = async (): Promise<void> => {
      for (let round = 0; !isOver; round += 1) {
        await writeFile(`${path}.tmp`, `${round}`);
        await rename(`${path}.tmp`, path);
      }
    };
    await writeFile(path, '0');
    const replacing = replace();
    for (let look = 0; look < 500; look += 1) {
      const opened = await openUntrusted(path);
      expect(opened?.bytes).toBeGreaterThan(0);
      await opened?.handle.close();
    }
    isOver = true;
    await replacing;
  });
});
