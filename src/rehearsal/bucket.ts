/** A bucket on this machine, by s3rver: loopback only, every object on disk, so that it may be stopped and started again. */

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { hasCode, OnagerError } from '../errors.ts';
import { wait } from '../retry.ts';

export type BucketOptions = Readonly<{
  bucket: string;
  /** Where the objects are kept; what is there already is in the bucket from the start. */
  storeDir: string;
  /** 0: any free one. */
  port?: number;
  accessKeyId: string;
  secretAccessKey: string;
}>;

export type Bucket = Readonly<{
  endpoint: string;
  port: number;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Every object as a plain file; the names of the objects are the paths. */
  exportTo(dir: string): Promise<void>;
  /** Ends the server, with the requests that are under way; the objects stay. */
  close(): Promise<void>;
}>;

/** s3rver and not fauxqs: that one listens on every interface, keeps objects in memory and takes no more than 11 MiB. */
export async function startBucket({
  bucket,
  storeDir,
  port = 0,
  accessKeyId,
  secretAccessKey,
}: BucketOptions): Promise<Bucket> {
  const { S3rver, accounts } = await loadServer();
  accounts.DUMMY_ACCOUNT.createKeyPair(accessKeyId, secretAccessKey);
  await mkdir(storeDir, { recursive: true });
  const server = new S3rver({
    address: '127.0.0.1',
    port,
    silent: true,
    directory: storeDir,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket }],
  });
  const listening = await server.run();
  const endpoint = `http://127.0.0.1:${listening.port}`;
  return {
    endpoint,
    port: listening.port,
    async put(key, bytes) {
      const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
      const client = new S3Client({
        endpoint,
        forcePathStyle: true,
        region: 'us-east-1',
        credentials: { accessKeyId, secretAccessKey },
      });
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
      client.destroy();
    },
    async exportTo(dir) {
      await exportObjects(join(storeDir, bucket), dir);
    },
    async close() {
      if (!server.httpServer.listening) return;
      const closed = server.close();
      server.httpServer.closeAllConnections();
      await closed;
    },
  };
}

async function loadServer() {
  try {
    const [{ default: S3rver }, { default: accounts }] = await Promise.all([
      import('@20minutes/s3rver'),
      import('@20minutes/s3rver/lib/models/account.js'),
    ]);
    return { S3rver, accounts };
  } catch (error) {
    if (!hasCode(error, 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new OnagerError('REHEARSAL_UNAVAILABLE', 'the package has no bucket to rehearse with', {
      hint: 'rehearse in a checkout: node src/cli.ts rehearse; here `onager check` says what user-data would do',
      cause: error,
    });
  }
}

/** How s3rver names the bytes of an object, and beside them their MD5. */
const objectSuffix = '._S3rver_object';

async function exportObjects(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith(objectSuffix)) continue;
    const object = join(entry.parentPath, entry.name);
    const target = join(to, relative(from, object).slice(0, -objectSuffix.length));
    await written(object);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(object, target);
  }
}

const lookEveryMs = 100;
/** A slow disk takes its time; looks are counted, not the time of a clock. */
const maxLooks = 3_000;

/** s3rver answers a moment before the last bytes have reached the file. */
async function written(object: string): Promise<void> {
  for (let look = 0; look < maxLooks; look += 1) {
    const md5 = createHash('md5').update(await readFile(object));
    if (md5.digest('hex') === (await readFile(`${object}.md5`, 'utf8'))) return;
    await wait(lookEveryMs, never);
  }
  throw new OnagerError('DISK_BROKEN', `an object of the bucket does not become whole: ${object}`, {
    hint: 'look for errors of the disk (dmesg); the run folder beside the bucket has the same files',
  });
}

const never = new AbortController().signal;
