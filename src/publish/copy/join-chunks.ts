/** Unpacks the chunks of a copied file and joins them to the file that they were cut from. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { hasCode } from '../../errors.ts';
import { maxChunkBytes } from '../chunks.ts';
import { sha256Of } from '../uploads.ts';
import type { CopiedChunk, CopiedFiles } from './copied-files.ts';

const gunzipped = promisify(gunzip);

/** More than gzip makes of a chunk that cannot be compressed. */
const maxGzipBytes = maxChunkBytes + 64 * 1024;

/** Something in the copy is not what was published. The message: which object, and what it is. */
export class DamagedError extends Error {}

/** Writes the file to `target`, and gives its size. Throws DamagedError. */
export async function joinChunks(
  { key, chunks, sum }: CopiedFiles['chunked'][number],
  { dir, target, signal }: Readonly<{ dir: string; target: string; signal: AbortSignal }>,
): Promise<number> {
  await mkdir(dirname(target), { recursive: true });
  await using file = await open(target, 'w');
  const hash = createHash('sha256');
  let size = 0;
  for (const chunk of chunks) {
    signal.throwIfAborted();
    const content = await contentOf(chunk, dir);
    hash.update(content);
    await file.writeFile(content);
    size += content.length;
  }
  if (sum === undefined) return size;
  if (size !== sum.size || hash.digest('hex') !== sum.sha256) {
    throw new DamagedError(`the chunks of ${key} do not add up to the file`);
  }
  return size;
}

async function contentOf({ key, bytes, sum }: CopiedChunk, dir: string): Promise<Buffer> {
  const path = join(dir, key);
  const size = await sizeOf(path, key);
  if (size > maxGzipBytes || (sum !== undefined && size !== sum.size)) {
    throw new DamagedError(
      `${key} has ${size} bytes${sum === undefined ? '' : `, not ${sum.size}`}`,
    );
  }
  const packed = await readFile(path);
  if (sum !== undefined && sha256Of(packed) !== sum.sha256) {
    throw new DamagedError(`${key} has another SHA-256`);
  }
  try {
    return await gunzipped(packed, {
      maxOutputLength: Math.min(Math.max(bytes, 1), maxChunkBytes),
    });
  } catch {
    throw new DamagedError(`${key} is not a chunk that can be unpacked`);
  }
}

/** Throws DamagedError where the object is not there, or is not what its sum says. */
export async function checkObject(
  { key, sum }: CopiedFiles['whole'][number],
  dir: string,
): Promise<void> {
  const path = join(dir, key);
  const size = await sizeOf(path, key);
  if (sum === undefined) return;
  if (size !== sum.size) throw new DamagedError(`${key} has ${size} bytes, not ${sum.size}`);
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part);
  if (hash.digest('hex') !== sum.sha256) throw new DamagedError(`${key} has another SHA-256`);
}

/** Also that of a name which no disk takes. */
const absences = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP'];

async function sizeOf(path: string, key: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    if (!absences.some((code) => hasCode(error, code))) throw error;
  }
  throw new DamagedError(`${key} is missing`);
}
