/**
 * The bytes of a body, decoded from `aws-chunked` and checked against every checksum sent with it.
 */

import type { IncomingMessage } from 'node:http';
import { declaredSums } from './checksums.ts';
import { incomplete, unchunked } from './chunks.ts';
import { S3Error } from './errors.ts';
import { header, type SignedRequest } from './sigv4.ts';

/** `sums` is complete once all bytes are read: a checksum may come after them. */
type Body = Readonly<{
  bytes: AsyncIterable<Buffer>;
  /** The checksums that were sent and are right, by the name of their header. */
  checksums(): Readonly<Record<string, string>>;
}>;

/** The largest object S3 accepts in a single put. */
const maxBytes = 5 * 1024 ** 3;

/** @throws S3Error before a byte is read, or while they are */
export function bodyOf(request: IncomingMessage, signed: SignedRequest): Body {
  const isChunked = signed.payload.startsWith('STREAMING-');
  const size = sizeOf(request, isChunked);
  if (size > maxBytes) {
    const message = 'Your proposed upload exceeds the maximum allowed size';
    throw new S3Error('EntityTooLarge', message);
  }
  const trailers = new Map<string, string>();
  const sums = declaredSums(request, signed.payload, trailers);

  async function* checked(): AsyncGenerator<Buffer> {
    let read = 0;
    for await (const bytes of isChunked ? unchunked(request, signed, trailers) : request) {
      read += bytes.length;
      for (const sum of sums) sum.update(bytes);
      yield bytes;
    }
    if (read !== size) throw incomplete();
    for (const sum of sums) sum.check();
  }

  return {
    bytes: checked(),
    checksums: () => Object.assign({}, ...sums.map((sum) => sum.checksum())),
  };
}

function sizeOf(request: IncomingMessage, isChunked: boolean): number {
  const { 'transfer-encoding': encoding } = request.headers;
  if (encoding !== undefined && !isChunked) {
    throw new S3Error(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      { Header: 'Transfer-Encoding' },
    );
  }
  const name = isChunked ? 'x-amz-decoded-content-length' : 'content-length';
  const size = header(request, name) ?? '';
  if (!/^\d{1,15}$/.test(size)) {
    const message = 'You must provide the Content-Length HTTP header.';
    throw new S3Error('MissingContentLength', message);
  }
  return Number(size);
}
