import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalBucket, startBucket } from '../../../../src/rehearsal/bucket/bucket.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

describe('the bucket of a rehearsal', () => {
  const secrets = { accessKeyId: 'AKIDREHEARSAL', secretAccessKey: 'secret' };
  let dir: string;
  let bucket: LocalBucket;

  beforeEach(async () => {
    dir = await temporaryFolder('bucket');
    bucket = await start();
  });
  afterEach(async () => {
    await bucket.close();
  });

  function start(port = 0): Promise<LocalBucket> {
    return startBucket({ bucket: 'rehearsal', storeDir: join(dir, 'store'), port, ...secrets });
  }

  async function get(key: string): Promise<string | undefined> {
    const client = new S3Client({
      endpoint: bucket.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: secrets,
    });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'rehearsal', Key: key }));
    return await Body?.transformToString();
  }

  it('is on the loopback', () => {
    expect(bucket.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('keeps its objects when it is stopped and started again on its port', async () => {
    await bucket.put('runs/1/run.json', Buffer.from('{"phase":"running"}'));
    await bucket.put('runs/1/run.json', Buffer.from('{}'));
    await bucket.close();
    await expect(get('runs/1/run.json')).rejects.toThrow();
    const { endpoint, port } = bucket;
    bucket = await start(port);
    expect(bucket.endpoint).toBe(endpoint);
    await expect(get('runs/1/run.json')).resolves.toBe('{}');
    // The bytes and their metadata: nothing is left of the version before.
    expect(await readdir(join(dir, 'store/rehearsal'))).toHaveLength(2);
  });

  it('leaves out objects that no file system can store next to the others', async () => {
    const keys = ['a', 'a/b', 'c/d', 'c', 'x'.repeat(300), '../up', 'z'];
    for (const key of keys) await bucket.put(key, Buffer.from(key));
    await bucket.exportTo(join(dir, 'out'));
    const exported = await readdir(join(dir, 'out'), { recursive: true });
    expect(exported.toSorted()).toEqual(['a', 'c', 'c/d', 'z']);
  });

  it('gives every object as a plain file, and nothing else', async () => {
    const large = Buffer.alloc(20 * 1024 ** 2, 'large');
    await bucket.put('runs/1/run.json', Buffer.from('{}'));
    await bucket.put('runs/1/raw/rows/000001.gz', large);
    await bucket.put('runs/1/näme +&.txt', Buffer.from('x'));
    await bucket.exportTo(join(dir, 'out'));
    const entries = await readdir(join(dir, 'out'), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files.toSorted()).toEqual(['000001.gz', 'näme +&.txt', 'run.json']);
    const exported = await readFile(join(dir, 'out/runs/1/raw/rows/000001.gz'));
    expect(exported.equals(large)).toBe(true);
  });

  it.for(['../outside', '/root', 'a//b', 'a/', './a', 'a/../../outside', 'nul\0'])(
    'holds %j, but makes no file of it',
    async (key) => {
      await bucket.put(key, Buffer.from('x'));
      await bucket.exportTo(join(dir, 'out'));
      expect((await readdir(dir)).filter((name) => name !== 'store')).toEqual([]);
    },
  );
});
