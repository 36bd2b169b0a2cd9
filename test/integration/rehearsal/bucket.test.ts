import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bucket, startBucket } from '../../../src/rehearsal/bucket.ts';
import { temporaryFolder } from '../../support/temporary.ts';

describe('the bucket of a rehearsal', () => {
  const secrets = { accessKeyId: 'AKIDREHEARSAL', secretAccessKey: 'secret' };
  let dir: string;
  let bucket: Bucket;

  beforeEach(async () => {
    dir = await temporaryFolder('bucket');
    bucket = await start();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await bucket.close();
  });

  function start(port = 0): Promise<Bucket> {
    return startBucket({ bucket: 'rehearsal', storeDir: join(dir, 'store'), port, ...secrets });
  }

  async function nextTurns(): Promise<string> {
    for (let turn = 0; turn < 3; turn += 1) await readdir(dir);
    return 'still waiting';
  }

  async function get(key: string, credentials = secrets): Promise<string | undefined> {
    const { endpoint } = bucket;
    const client = new S3Client({
      endpoint,
      forcePathStyle: true,
      region: 'eu-west-1',
      credentials,
    });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'rehearsal', Key: key }));
    return await Body?.transformToString();
  }

  it('keeps its objects when it is stopped and started again on its port', async () => {
    await bucket.put('runs/1/run.json', Buffer.from('{}'));
    await bucket.close();
    await expect(get('runs/1/run.json')).rejects.toThrow();
    const { endpoint, port } = bucket;
    bucket = await start(port);
    expect(bucket.endpoint).toBe(endpoint);
    await expect(get('runs/1/run.json')).resolves.toBe('{}');
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

  it('waits, by no clock, for an object that a slow disk has not taken whole yet', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort());
    await bucket.put('run.json', Buffer.from('{}'));
    const entries = await readdir(join(dir, 'store'), { recursive: true });
    const [object = ''] = entries.filter((name) => name.endsWith('._S3rver_object'));
    await truncate(join(dir, 'store', object), 1);
    const exported = bucket.exportTo(join(dir, 'out'));
    await expect(Promise.race([exported, nextTurns()])).resolves.toBe('still waiting');
    await writeFile(join(dir, 'store', object), '{}');
    await exported;
    expect(await readFile(join(dir, 'out/run.json'), 'utf8')).toBe('{}');
  });

  it('is on loopback, and refuses keys that it did not give out', async () => {
    expect(bucket.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await bucket.put('a', Buffer.from('x'));
    const stranger = { accessKeyId: 'AKIDOTHER', secretAccessKey: 'secret' };
    await expect(get('a', stranger)).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  });
});
