/** The bucket's answers to the S3 requests that it supports. */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { bodyOf } from './body.ts';
import { S3Error } from './errors.ts';
import { listXml } from './list.ts';
import type { Objects, StoredObject } from './objects.ts';
import { header, type SignedRequest } from './sigv4.ts';
import { pathAndQuery, type RequestTarget } from './uri.ts';

export type S3Reply = Readonly<{
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Readable;
}>;

type Asked = Readonly<{
  request: IncomingMessage;
  signed: SignedRequest;
  bucket: string;
  objects: Objects;
}>;

const maxKeyBytes = 1_024;

/** @throws S3Error what S3 would answer */
export async function answerOf(asked: Asked): Promise<S3Reply> {
  const { request, bucket, objects } = asked;
  const { path, query } = pathAndQuery(request.url ?? '/');
  const [, name = '', ...rest] = path.split('/');
  const key = rest.join('/');
  if (name === '') throw notImplemented('ListBuckets');
  if (name !== bucket) {
    const message = 'The specified bucket does not exist';
    throw new S3Error('NoSuchBucket', message, { BucketName: name });
  }
  if (key === '') return bucketAnswer(request.method, bucket, query, objects);
  if (Buffer.byteLength(key) > maxKeyBytes) {
    throw new S3Error('KeyTooLongError', 'Your key is too long', {
      Size: String(Buffer.byteLength(key)),
      MaxSizeAllowed: String(maxKeyBytes),
    });
  }
  const unknown = query.find(([parameter]) => parameter !== 'x-id');
  if (unknown !== undefined) throw notImplemented(`?${unknown[0]}`);
  switch (request.method) {
    case 'PUT':
      return await put(asked, key);
    case 'GET':
    case 'HEAD':
      return get(asked, key);
    case 'DELETE':
      await objects.remove(key);
      return { status: 204 };
    default:
      throw notAllowed();
  }
}

function bucketAnswer(
  method: string | undefined,
  bucket: string,
  query: RequestTarget['query'],
  objects: Objects,
): S3Reply {
  if (method === 'HEAD') return { status: 200 };
  if (method !== 'GET') throw notImplemented(`${method} of a bucket`);
  if (!query.some(([name, value]) => name === 'list-type' && value === '2')) {
    throw notImplemented('ListObjects of version 1');
  }
  const headers = { 'content-type': 'application/xml' };
  return { status: 200, headers, body: listXml(bucket, query, objects.all()) };
}

async function put({ request, signed, objects }: Asked, key: string): Promise<S3Reply> {
  if (header(request, 'x-amz-copy-source') !== undefined) throw notImplemented('CopyObject');
  const allow = writeCondition(request);
  const headers = keptHeaders(request);
  const { bytes, checksums } = bodyOf(request, signed);
  const { etag, checksums: kept } = await objects.put({ key, bytes, headers, checksums }, allow);
  return { status: 200, headers: { etag, ...kept } };
}

/** What a put requires of the object that already has its key. */
function writeCondition(request: IncomingMessage): (there: StoredObject | undefined) => void {
  const none = header(request, 'if-none-match');
  const match = header(request, 'if-match');
  if (none !== undefined && none !== '*') throw notImplemented('If-None-Match other than *');
  return (there) => {
    if (none !== undefined && there !== undefined) throw preconditionFailed('If-None-Match');
    if (match === undefined) return;
    if (there === undefined) throw noSuchKey();
    if (bare(match) !== bare(there.etag)) throw preconditionFailed('If-Match');
  };
}

function keptHeaders(request: IncomingMessage): Readonly<Record<string, string>> {
  const metadata = Object.keys(request.headersDistinct).flatMap((name) =>
    name.startsWith('x-amz-meta-') ? [[name, header(request, name) ?? ''] as const] : [],
  );
  const encoding = (header(request, 'content-encoding') ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'aws-chunked')
    .join(',');
  return {
    'content-type': header(request, 'content-type') ?? 'binary/octet-stream',
    ...(encoding === '' ? {} : { 'content-encoding': encoding }),
    ...Object.fromEntries(metadata),
  };
}

function get({ request, objects }: Asked, key: string): S3Reply {
  const stored = objects.get(key);
  if (stored === undefined) throw noSuchKey({ Key: key });
  const { etag, size, modifiedAt } = stored;
  const range = rangeOf(header(request, 'range'), size);
  const length = range === undefined ? size : range.end - range.start + 1;
  const wantsChecksums = header(request, 'x-amz-checksum-mode') === 'ENABLED';
  const headers = {
    ...stored.headers,
    ...(wantsChecksums && range === undefined ? stored.checksums : {}),
    etag,
    'accept-ranges': 'bytes',
    'content-length': String(length),
    'last-modified': new Date(modifiedAt).toUTCString(),
    ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
  };
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD' || length === 0) return { status, headers };
  return { status, headers, body: objects.read(stored, range) };
}

/** Undefined: all of it, also where the header is not one of a single range. */
function rangeOf(
  given: string | undefined,
  size: number,
): Readonly<{ start: number; end: number }> | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(given ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const start = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start > end) {
    const details = { RangeRequested: given ?? '', ActualObjectSize: String(size) };
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable', details);
  }
  return { start, end };
}

function bare(etag: string): string {
  return etag.replaceAll('"', '');
}

function noSuchKey(details: Readonly<Record<string, string>> = {}): S3Error {
  return new S3Error('NoSuchKey', 'The specified key does not exist.', details);
}

function preconditionFailed(Condition: string): S3Error {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new S3Error('PreconditionFailed', message, { Condition });
}

function notImplemented(what: string): S3Error {
  return new S3Error('NotImplemented', `This bucket does not do ${what}.`);
}

function notAllowed(): S3Error {
  const message = 'The specified method is not allowed against this resource.';
  return new S3Error('MethodNotAllowed', message);
}
