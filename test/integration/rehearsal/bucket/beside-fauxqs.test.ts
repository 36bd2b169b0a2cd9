/**
 * The same requests, with the same answers, to our own bucket and to a server that others wrote.
 */

import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bucketName as Bucket,
  servers,
  type TestServer,
  testCredentials,
} from '../../../support/s3-servers.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

// fauxqs does not support conditional writes.
const conditional = new Set(['our own bucket']);

describe.each(servers)('$name', ({ name, start }) => {
  let dir: string;
  let server: TestServer;
  let s3: S3Client;

  beforeAll(async () => {
    dir = await temporaryFolder('beside');
    server = await start(dir);
    s3 = new S3Client({
      endpoint: server.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: testCredentials,
      maxAttempts: 1,
    });
  });
  afterAll(async () => {
    s3.destroy();
    await server.stop();
  });

  const put = (
    Key: string,
    more: Partial<ConstructorParameters<typeof PutObjectCommand>[0]> = {},
  ) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'hello', ...more }));

  async function read(Key: string, Range?: string): Promise<unknown> {
    const { Body, ContentRange } = await s3.send(
      new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) }),
    );
    return [await Body?.transformToString(), ContentRange];
  }

  it('returns an object as it was put, with its type and metadata', async () => {
    const Metadata = { sha256: 'abc' };
    const { ETag } = await put('whole/näme +&?#.txt', { ContentType: 'text/plain', Metadata });
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'whole/näme +&?#.txt' }));
    expect(head).toMatchObject({ ContentLength: 5, ContentType: 'text/plain', ETag, Metadata });
    expect(await read('whole/näme +&?#.txt')).toEqual(['hello', undefined]);
  });

  it('returns ranges', async () => {
    await put('ranges');
    expect(await read('ranges', 'bytes=1-2')).toEqual(['el', 'bytes 1-2/5']);
    expect(await read('ranges', 'bytes=3-')).toEqual(['lo', 'bytes 3-4/5']);
    expect(await read('ranges', 'bytes=3-99')).toEqual(['lo', 'bytes 3-4/5']);
    expect(await read('ranges', 'bytes=-1')).toEqual(['o', 'bytes 4-4/5']);
    await expect(read('ranges', 'bytes=5-')).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('returns an empty object', async () => {
    await put('empty', { Body: '' });
    expect(await read('empty')).toEqual(['', undefined]);
  });

  it.runIf(conditional.has(name))('writes on conditions', async () => {
    const { ETag = '' } = await put('once', { IfNoneMatch: '*' });
    const failed = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };
    await expect(put('once', { IfNoneMatch: '*' })).rejects.toMatchObject(failed);
    await expect(put('once', { IfMatch: '"00"' })).rejects.toMatchObject(failed);
    await expect(put('nowhere', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
    await put('once', { IfMatch: ETag, Body: 'changed' });
    expect(await read('once')).toEqual(['changed', undefined]);
  });

  it.runIf(conditional.has(name))('lets one of many have a name', async () => {
    const puts = Array.from({ length: 8 }, (_, index) =>
      put('raced', { IfNoneMatch: '*', Body: String(index) }),
    );
    const settled = await Promise.allSettled(puts);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('says that a missing object is missing', async () => {
    await expect(read('missing')).rejects.toMatchObject({ name: 'NoSuchKey' });
    const head = new HeadObjectCommand({ Bucket, Key: 'missing' });
    await expect(s3.send(head)).rejects.toMatchObject({ name: 'NotFound' });
    const other = new HeadBucketCommand({ Bucket: 'others' });
    await expect(s3.send(other)).rejects.toMatchObject({ name: 'NotFound' });
    const get = new GetObjectCommand({ Bucket: 'others', Key: 'a' });
    await expect(s3.send(get)).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'missing' }));
    await s3.send(new HeadBucketCommand({ Bucket }));
  });

  it('deletes objects', async () => {
    await put('gone');
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }));
    await expect(read('gone')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  /** Every page of a list. */
  async function listed(Delimiter?: string): Promise<readonly unknown[]> {
    const names: unknown[] = [];
    let ContinuationToken: string | undefined;
    do {
      const input = { Bucket, Prefix: 'list/', MaxKeys: 2, Delimiter, ContinuationToken };
      const page = await s3.send(new ListObjectsV2Command(input));
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      names.push(...(page.Contents ?? []).map(({ Key }) => Key));
      names.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    return names;
  }

  it('lists by prefix and delimiter, in pages', async () => {
    const keys = ['list/a', 'list/b & <c>', 'list/d/1', 'list/d/2', 'list/z/1'];
    for (const key of keys.toReversed()) await put(key);
    expect(await listed()).toEqual(keys);
    expect((await listed('/')).toSorted()).toEqual([
      'list/a',
      'list/b & <c>',
      'list/d/',
      'list/z/',
    ]);
  });
});
