/** Sends files of the run: only those on the list, found by name in it and never on the disk. */

import type { FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ZipFile } from 'yazl';
import { nothingIfRefused, openUntrusted } from '../../files/untrusted-file.ts';
import type { PublishedFile } from '../../publish/files.ts';
import type { PublishedFiles } from './published-files.ts';
import { rangeOf } from './range.ts';

/** The types that files are served with. */
type MediaTypes = Readonly<Record<string, string>>;

type Sending = Readonly<{
  files: PublishedFiles;
  key: string;
  types: MediaTypes;
  headers?: Readonly<Record<string, string>>;
}>;

/** None of these can run scripts. */
export const inertTypes: MediaTypes = {
  '.csv': 'text/plain; charset=utf-8',
  '.dump': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.log': 'text/plain; charset=utf-8',
  '.ndjson': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'text/plain; charset=utf-8',
  '.yaml': 'text/plain; charset=utf-8',
};

/** For pages: they must be sent with a sandbox or a policy. */
export const pageTypes: MediaTypes = {
  ...inertTypes,
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/**
 * Sends the list's file of this name as it is now, or the range asked for; false where there is
 * none.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { files, key, types, headers = {} }: Sending,
): Promise<boolean> {
  const file = (await files.list()).find((listed) => listed.key === key);
  const opened = file && (await openUntrusted(file.path).catch(nothingIfRefused));
  if (opened === undefined) return false;
  const range = rangeOf(request.headers.range, opened.bytes);
  // A file without a known type is a download.
  const type = types[extname(key).toLowerCase()];
  if (type === undefined) reply.header('content-disposition', attachment(key));
  reply.headers(headers).header('accept-ranges', 'bytes');
  if (range === 'none') {
    await opened.handle.close();
    reply.code(416).header('content-range', `bytes */${opened.bytes}`).send();
    return true;
  }
  const { start, end } = range ?? { start: 0, end: opened.bytes };
  if (range !== undefined) {
    reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${opened.bytes}`);
  }
  reply.header('content-length', end - start).type(type ?? 'application/octet-stream');
  reply.send(contentOf(opened.handle, start, request.method === 'HEAD' ? start : end));
  return true;
}

/** A zip of all files, made while it is sent. */
export function zipOf(files: readonly PublishedFile[], compressionLevel: number): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  let reading: Readable | undefined;
  zip.outputStream.pipe(output);
  // A file that has disappeared since it was listed aborts the download: better than a zip that
  // seems complete.
  zip.on('error', (error: Error) => output.destroy(error));
  // A download that is aborted leaves no file open.
  output.on('close', () => reading?.destroy());
  for (const { key, path } of files) {
    zip.addReadStreamLazy(key, { compressionLevel }, (give) => {
      const read = async (): Promise<void> => {
        const opened = await openUntrusted(path);
        if (opened === undefined) throw new Error(`"${key}" no longer exists`);
        reading = contentOf(opened.handle, 0, opened.bytes);
        if (output.destroyed) reading.destroy();
        give(null, reading);
      };
      read().catch((error: unknown) => give(error, Readable.from([])));
    });
  }
  zip.end();
  return output;
}

/** Up to `end` and no further, because a log goes on growing. */
function contentOf(handle: FileHandle, start: number, end: number): Readable {
  if (end > start) return handle.createReadStream({ start, end: end - 1 });
  void handle.close();
  return Readable.from([]);
}

function attachment(key: string): string {
  const name = encodeURIComponent(key.slice(key.lastIndexOf('/') + 1)).replaceAll("'", '%27');
  return `attachment; filename*=UTF-8''${name}`;
}
