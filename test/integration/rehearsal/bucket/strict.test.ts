/**
 * What the bucket refuses, as S3 does: requests of the AWS SDK that were corrupted on their way.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalBucket, startBucket } from '../../../../src/rehearsal/bucket/bucket.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const secrets = {
  accessKeyId: 'ASIATEST',
  secretAccessKey: 'secret',
  sessionToken: 'token',
};

let dir: string;
let bucket: LocalBucket;
let seen: IncomingHttpHeaders[];
let fault: 'busy' | 'cut' | undefined;

beforeAll(async () => {
  dir = await temporaryFolder('strict');
  bucket = await startBucket({
    bucket: 'tests',
    storeDir: join(dir, 'store'),
    ...secrets,
    intercept({ headers, socket }, response) {
      seen.push(headers);
      if (fault === 'busy') response.writeHead(503).end();
      if (fault === 'cut') socket.destroy();
      return fault !== undefined;
    },
  });
});
beforeEach(() => {
  seen = [];
  fault = undefined;
});
afterAll(async () => {
  await bucket.close();
});

type Request = { headers: Record<string, string>; body: unknown; path: string };

/** `spoil` gets each request after it has been signed. */
function client(config: S3ClientConfig = {}, spoil: (request: Request) => void = () => {}) {
  const s3 = new S3Client({
    endpoint: bucket.endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: secrets,
    maxAttempts: 1,
    ...config,
  });
  s3.middlewareStack.add(
    (next) => async (args) => {
      spoil(args.request as Request);
      return await next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return s3;
}

const object = { Bucket: 'tests', Key: 'a/b c+ü', Body: 'hello' };

async function refusal(
  input: Partial<PutObjectCommandInput>,
  ...of: Parameters<typeof client>
): Promise<string> {
  return await client(...of)
    .send(new PutObjectCommand({ ...object, ...input }))
    .then(() => 'taken', String);
}

describe('a request', () => {
  it('is taken as the SDK sends it', async () => {
    expect(await refusal({})).toBe('taken');
    expect(seen.map((headers) => headers['x-amz-checksum-crc32'])).toEqual(['NhCmhg==']);
  });

  it.for<{ which: string; config?: S3ClientConfig; spoil?: (to: Request) => void; code: string }>([
    {
      which: 'is signed with another secret',
      config: { credentials: { ...secrets, secretAccessKey: 'other' } },
      code: 'SignatureDoesNotMatch',
    },
    {
      which: 'is of an unknown key id',
      config: { credentials: { ...secrets, accessKeyId: 'ASIAOTHER' } },
      code: 'InvalidAccessKeyId',
    },
    {
      which: 'has another token',
      config: { credentials: { ...secrets, sessionToken: 'other' } },
      code: 'InvalidToken',
    },
    {
      which: 'has no token',
      config: { credentials: { accessKeyId: 'ASIATEST', secretAccessKey: 'secret' } },
      code: 'InvalidToken',
    },
    {
      which: 'is for another region',
      config: { region: 'eu-west-1' },
      code: 'AuthorizationHeaderMalformed',
    },
    {
      which: 'is of an hour ago',
      config: { systemClockOffset: -3_600_000 },
      code: 'RequestTimeTooSkewed',
    },
    {
      which: 'is of an hour ahead',
      config: { systemClockOffset: 3_600_000 },
      code: 'RequestTimeTooSkewed',
    },
    {
      which: 'is not signed',
      spoil: ({ headers }) => {
        delete headers['authorization'];
      },
      code: 'AccessDenied',
    },
    {
      which: 'is signed by an old version',
      spoil: ({ headers }) => {
        headers['authorization'] = 'AWS ASIATEST:c2lnbmF0dXJl';
      },
      code: 'InvalidArgument',
    },
    {
      which: 'has a header that was changed',
      spoil: ({ headers }) => {
        headers['x-amz-meta-sha256'] = 'other';
      },
      code: 'SignatureDoesNotMatch',
    },
    {
      which: 'has a header that is not signed',
      spoil: ({ headers }) => {
        headers['x-amz-acl'] = 'public-read';
      },
      code: 'AccessDenied',
    },
    {
      which: 'is for another key',
      spoil: (request) => {
        request.path = request.path.replace('/a/', '/b/');
      },
      code: 'SignatureDoesNotMatch',
    },
    {
      which: 'has another body',
      spoil: (request) => {
        request.body = 'hallo';
      },
      code: 'XAmzContentSHA256Mismatch',
    },
  ])('is refused where it $which', async ({ config, spoil, code }) => {
    const metadata = { Metadata: { sha256: 'x' } };
    expect(await refusal(metadata, config, spoil)).toMatch(new RegExp(`^${code}: `));
  });

  it.for<{ which: string; input: Partial<PutObjectCommandInput>; code: string }>([
    { which: 'another CRC32', input: { ChecksumCRC32: 'AAAAAA==' }, code: 'BadDigest' },
    {
      which: 'a CRC32 of the wrong length',
      input: { ChecksumCRC32: 'AAAA' },
      code: 'InvalidRequest',
    },
    {
      which: 'another SHA-256',
      input: { ChecksumSHA256: `${'A'.repeat(43)}=` },
      code: 'BadDigest',
    },
    { which: 'another MD5', input: { ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' }, code: 'BadDigest' },
    { which: 'a broken MD5', input: { ContentMD5: 'AAAA' }, code: 'InvalidDigest' },
    { which: 'a key of 1025 bytes', input: { Key: 'k'.repeat(1_025) }, code: 'KeyTooLongError' },
    { which: 'another bucket', input: { Bucket: 'others' }, code: 'NoSuchBucket' },
  ])('is refused with $which', async ({ input, code }) => {
    expect(await refusal(input)).toMatch(new RegExp(`^${code}: `));
  });

  it('is refused without a length', async () => {
    const s3 = client();
    s3.middlewareStack.add(
      (next) => async (args) => {
        const { headers } = args.request as Request;
        delete headers['content-length'];
        headers['transfer-encoding'] = 'chunked';
        return await next(args);
      },
      { step: 'build', priority: 'low' },
    );
    const put = s3.send(new PutObjectCommand(object));
    await expect(put).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('gets NoSuchKey or NotImplemented for what the bucket does not have', async () => {
    const multipart = new CreateMultipartUploadCommand({ Bucket: 'tests', Key: 'a' });
    await expect(client().send(multipart)).rejects.toMatchObject({ name: 'NotImplemented' });
    const list = new ListObjectsCommand({ Bucket: 'tests' });
    await expect(client().send(list)).rejects.toMatchObject({ name: 'NotImplemented' });
    const get = new GetObjectCommand({ Bucket: 'tests', Key: 'k'.repeat(1_024) });
    await expect(client().send(get)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('of no sense is answered in XML, too', async () => {
    const answer = await fetch(`${bucket.endpoint}/tests/%zz`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('<Code>InvalidURI</Code>');
  });

  it('meets the faults that are wished for', async () => {
    fault = 'busy';
    expect(await refusal({})).toContain('UnknownError');
    fault = 'cut';
    expect(await refusal({})).toMatch(/ECONNRESET|socket hang up/);
  });
});

describe('a body of unknown length, which the SDK sends in chunks with its checksum after them', () => {
  const parts = Array.from({ length: 40 }, (_, index) => Buffer.alloc(50_000, String(index)));
  const body = Buffer.concat(parts);
  const input = { ...object, ContentLength: body.length };

  it('is taken, and its checksum given with it', async () => {
    const s3 = client();
    await s3.send(new PutObjectCommand({ ...input, Body: Readable.from(parts) }));
    expect(seen[0]).toMatchObject({
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-trailer': 'x-amz-checksum-crc32',
    });
    const { Bucket, Key } = object;
    const { Body, ...head } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ContentLength: body.length, ChecksumCRC32: expect.any(String) });
    expect(head.ContentEncoding).toBeUndefined();
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(body)).toBe(true);
  });

  it.for([
    {
      which: 'is shorter',
      change: (text: string) => text.replace('00000', '0000'),
      code: 'IncompleteBody',
    },
    {
      which: 'is another',
      change: (text: string) => text.replace('00000', '00100'),
      code: 'BadDigest',
    },
    {
      which: 'has no checksum in the end',
      change: (text: string) => text.replace(/x-amz-checksum[^\r]*\r\n/, ''),
      code: 'MalformedTrailerError',
    },
  ])('is refused where it $which', async ({ change, code }) => {
    const spoil = (request: Request): void => {
      const sent = request.body as Readable;
      request.headers['transfer-encoding'] = 'chunked';
      delete request.headers['content-length'];
      request.body = Readable.from(changed(sent, change));
    };
    expect(await refusal({ ...input, Body: Readable.from(parts) }, {}, spoil)).toMatch(
      new RegExp(`^${code}: `),
    );
  });
});

async function* changed(from: Readable, change: (text: string) => string): AsyncGenerator<Buffer> {
  const whole = Buffer.concat(await from.toArray()).toString('latin1');
  yield Buffer.from(change(whole), 'latin1');
}
