/**
 * The checksums that a request declares for its body: SHA-256 of the signature, Content-MD5, and
 * `x-amz-checksum-*`.
 */

import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Error } from './errors.ts';
import { header } from './sigv4.ts';

type DeclaredSum = Readonly<{
  update(bytes: Buffer): void;
  /** @throws S3Error if the bytes differ */
  check(): void;
  /** What is stored with the object: its header, if it is a checksum. */
  checksum(): Readonly<Record<string, string>>;
}>;

type Hash = Readonly<{ update(bytes: Buffer): unknown; digest(): Buffer }>;

const algorithms: Readonly<Record<string, Readonly<{ bytes: number; create(): Hash }>>> = {
  crc32: { bytes: 4, create: () => cyclic(crc32) },
  crc32c: { bytes: 4, create: () => cyclic(crc32c) },
  sha1: { bytes: 20, create: () => createHash('sha1') },
  sha256: { bytes: 32, create: () => createHash('sha256') },
};

const prefix = 'x-amz-checksum-';

/** `trailers` is filled while the body is read. */
export function declaredSums(
  request: IncomingMessage,
  payload: string,
  trailers: ReadonlyMap<string, string>,
): readonly DeclaredSum[] {
  return [...payloadSum(payload), ...md5Sum(request), ...checksums(request, trailers)];
}

function payloadSum(payload: string): readonly DeclaredSum[] {
  if (payload === 'UNSIGNED-PAYLOAD' || payload.startsWith('STREAMING-')) return [];
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  if (!/^[0-9a-f]{64}$/.test(payload)) {
    const form = 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-…, or a valid sha256';
    throw new S3Error('InvalidArgument', form);
  }
  const hash = createHash('sha256');
  const expected = (): Buffer => Buffer.from(payload, 'hex');
  return [sumOf(hash, expected, new S3Error('XAmzContentSHA256Mismatch', message))];
}

function md5Sum(request: IncomingMessage): readonly DeclaredSum[] {
  const given = header(request, 'content-md5');
  if (given === undefined) return [];
  const expected = Buffer.from(given, 'base64');
  if (expected.length !== 16) {
    throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  const message = 'The Content-MD5 you specified did not match what we received.';
  return [sumOf(createHash('md5'), () => expected, new S3Error('BadDigest', message))];
}

function checksums(
  request: IncomingMessage,
  trailers: ReadonlyMap<string, string>,
): readonly DeclaredSum[] {
  const announced = header(request, 'x-amz-trailer')?.toLowerCase().split(',') ?? [];
  const named = Object.keys(request.headersDistinct).filter(
    (name) => name.startsWith(prefix) && !/-(?:mode|type|algorithm)$/.test(name),
  );
  return [...named, ...announced.filter((name) => name.startsWith(prefix))].map((name) => {
    const algorithm = algorithms[name.slice(prefix.length)];
    if (algorithm === undefined) {
      throw new S3Error('NotImplemented', `This bucket does not know ${name}.`);
    }
    const given = (): string => header(request, name) ?? trailers.get(name) ?? '';
    const expected = (): Buffer => {
      const sum = Buffer.from(given(), 'base64');
      if (announced.includes(name) && !trailers.has(name)) {
        throw new S3Error('MalformedTrailerError', `The trailer ${name} is missing.`);
      }
      if (sum.length === algorithm.bytes) return sum;
      throw new S3Error('InvalidRequest', `Value for ${name} header is invalid.`);
    };
    if (named.includes(name)) expected();
    const kind = name.slice(prefix.length).toUpperCase();
    const message = `The ${kind} you specified did not match the calculated checksum.`;
    const sum = sumOf(algorithm.create(), expected, new S3Error('BadDigest', message));
    return { ...sum, checksum: () => ({ [name]: given() }) };
  });
}

function sumOf(hash: Hash, expected: () => Buffer, error: S3Error): DeclaredSum {
  return {
    update(bytes) {
      hash.update(bytes);
    },
    check() {
      if (!hash.digest().equals(expected())) throw error;
    },
    checksum: () => ({}),
  };
}

function cyclic(next: (bytes: Buffer, value: number) => number): Hash {
  let value = 0;
  return {
    update(bytes) {
      value = next(bytes, value);
    },
    digest() {
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(value);
      return sum;
    },
  };
}

/** Castagnoli's polynomial, its bits reversed. */
const castagnoli = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value;
});

function crc32c(bytes: Buffer, before: number): number {
  let value = ~before;
  for (const byte of bytes) value = (value >>> 8) ^ (castagnoli[(value ^ byte) & 0xff] ?? 0);
  return ~value >>> 0;
}
