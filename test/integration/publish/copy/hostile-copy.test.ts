/** What a copy claims in its manifest neither fills the memory nor crashes the command. */

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { openCopy } from '../../../../src/publish/copy/copy.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A copy with a manifest whose files have one chunk each, of these keys and contents. */
async function opened(
  files: readonly Readonly<{ file: string; key: string; content?: Buffer; isThere?: boolean }>[],
): Promise<unknown> {
  const dir = await temporaryFolder('hostile-copy');
  const objects = [];
  const listed = [];
  for (const { file, key, content = Buffer.from('row\n'), isThere = true } of files) {
    const packed = gzipSync(content);
    const [size, sha256] = [content.length, sumOf(content)];
    objects.push({ key, size: packed.length, sha256: sumOf(packed) });
    listed.push({ file, size, sha256, chunks: [{ key, from: 0, to: size }] });
    if (!isThere) continue;
    await mkdir(dirname(join(dir, key)), { recursive: true });
    await writeFile(join(dir, key), packed);
  }
  const createdAt = '2026-01-01T00:00:00.000Z';
  const manifest = { version: 1, runId: 'r1', createdAt, objects, files: listed };
  await writeFile(join(dir, 'manifest.json'), JSON.stringify(manifest));
  const { signal } = new AbortController();
  const work = await temporaryFolder('work');
  return await openCopy(dir, { runId: 'r1' }, { work, signal });
}

it.each([
  [
    'a chunk that unpacks to more than any chunk has',
    [{ file: 'raw/a', key: 'raw/a/000001.gz', content: Buffer.alloc(5 * 1024 ** 2) }],
    'raw/a/000001.gz is not a chunk that can be unpacked',
  ],
  [
    'an object with a name that no disk takes',
    [
      { file: 'raw/a', key: `raw/${'a'.repeat(300)}`, isThere: false },
      { file: 'raw/b', key: 'raw/b.gz' },
    ],
    'aaa is missing',
  ],
  [
    'a file with a name that no disk takes',
    [{ file: `raw/${'a'.repeat(300)}`, key: 'raw/1.gz' }],
    'expected a key below raw/',
  ],
  [
    'a file twice',
    [
      { file: 'raw/a', key: 'raw/1.gz' },
      { file: 'raw/a', key: 'raw/2.gz' },
    ],
    'is not a manifest: "raw/a" is in the way of "raw/a"',
  ],
  [
    'a file below another file',
    [
      { file: 'raw/a/b', key: 'raw/1.gz' },
      { file: 'raw/a', key: 'raw/2.gz' },
    ],
    'is not a manifest: "raw/a" is in the way of "raw/a/b"',
  ],
])('%s is told as what it is', async (_, files, words) => {
  await expect(opened(files)).rejects.toMatchObject({
    code: 'COPY_DAMAGED',
    message: expect.stringContaining(words),
  });
});
