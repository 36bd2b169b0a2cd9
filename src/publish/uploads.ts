/** Sends one file, or one chunk of a file, and records in the ledger that the bucket has it. */

import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type Opened, openUntrusted, RefusedFile } from '../files/untrusted-file.ts';
import { place } from './bucket/place.ts';
import type { Upload } from './bucket/put.ts';
import { chunkKey, maxChunkBytes } from './chunks.ts';
import type { PublishableFile } from './files.ts';
import type { Chunk, ChunkedFile } from './ledger.ts';
import type { Route } from './route.ts';

const gzipped = promisify(gzip);

type Uploads = Readonly<{
  chunk(key: string, file: ChunkedFile, chunk: Chunk, signal: AbortSignal): Promise<void>;
  /** Sends the current file, unless the bucket already has exactly these bytes. */
  whole(file: PublishableFile, signal: AbortSignal): Promise<void>;
}>;

export function createUploads({ folder, prefix, bucket, ledger, now, log }: Route): Uploads {
  let savedAtMs = now().getTime();

  /**
   * Writing the ledger is expensive: what was sent in the half second before a crash is sent again,
   * with the same bytes.
   */
  async function recorded(): Promise<void> {
    if (now().getTime() - savedAtMs < 500) return;
    savedAtMs = now().getTime();
    await ledger.save();
  }

  /**
   * Undefined if the file has gone since it was listed, or something else has taken its place: that
   * is logged, and the file left out.
   */
  async function openForUpload(path: string, source: string): Promise<Opened | undefined> {
    try {
      const opened = await openUntrusted(path);
      if (opened === undefined) log.warn({ source }, 'a file to publish is gone');
      return opened;
    } catch (error) {
      if (!(error instanceof RefusedFile)) throw error;
      log.warn({ source, reason: error.reason }, 'not a regular file, not published');
      return undefined;
    }
  }

  return {
    async chunk(key, file, chunk, signal) {
      const opened = await openForUpload(join(folder.root, file.source), file.source);
      if (opened === undefined) {
        // If it comes back, it is cut into chunks again.
        file.chunks = [];
        return;
      }
      await using handle = opened.handle;
      const { modifiedMs } = opened;
      const content = await readRange(handle, chunk.from, chunk.to);
      // The load test has priority: compression is fast, and has room for all output, so that it
      // takes the thread pool once.
      const body = await gzipped(content, {
        level: constants.Z_BEST_SPEED,
        chunkSize: content.length + 1_024,
      });
      const upload = { ...bufferUpload(body), key: `${prefix}/${chunkKey(key, chunk.seq)}` };
      await place(bucket, { ...upload, contentType: 'application/gzip' }, 'absent', signal);
      const { size, sha256 } = upload;
      chunk.object = { size, sha256, contentSha256: sha256Of(content), modifiedMs };
      await recorded();
    },
    async whole({ key, source, path, as, bytes, modifiedMs }, signal) {
      const before = ledger.data.objects[key];
      const isUntouched = before?.modifiedMs === modifiedMs && before.size === bytes;
      // The state is written often enough for two versions of one size and one time.
      if (isUntouched && as !== 'state') return;
      const opened = await openForUpload(path, source);
      if (opened === undefined) return;
      await using handle = opened.handle;
      const upload = await fileUpload(handle, opened.bytes);
      const { size, sha256 } = upload;
      let etag = before?.etag;
      if (before?.sha256 !== sha256 || before.size !== size) {
        const sent = { ...upload, key: `${prefix}/${key}`, contentType: typeOf(key) };
        etag = await place(bucket, sent, etag === undefined ? 'absent' : { etag }, signal);
      }
      const known = etag === undefined ? {} : { etag };
      ledger.data.objects[key] = { source, size, sha256, modifiedMs, ...known };
      await recorded();
    },
  };
}

type Body = Pick<Upload, 'size' | 'sha256' | 'body'>;

/**
 * The file as it is now: a small one from memory, a larger one read twice, so that several at once
 * need little memory.
 */
async function fileUpload(handle: FileHandle, size: number): Promise<Body> {
  if (size <= maxChunkBytes) return bufferUpload(await readRange(handle, 0, size));
  const hash = createHash('sha256');
  const range = { start: 0, end: size - 1, highWaterMark: 1024 ** 2, autoClose: false };
  for await (const part of handle.createReadStream(range)) hash.update(part);
  return { size, sha256: hash.digest('hex'), body: () => handle.createReadStream(range) };
}

function bufferUpload(body: Buffer): Body {
  return { size: body.length, sha256: sha256Of(body), body: () => body };
}

/**
 * Exactly these bytes; fewer if the file has become shorter, which the check at the end of the run
 * finds.
 */
export async function readRange(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(to - from);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function typeOf(key: string): string {
  return types[extname(key)] ?? 'application/octet-stream';
}

/** Types for which a browser shows an object instead of saving it; anything else is saved. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.xml': 'application/xml',
  '.log': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.zip': 'application/zip',
};
