/**
 * The S3 servers that tests run against. Each can be restarted on the same port with its objects.
 */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { buildApp } from 'fauxqs';
import { type LocalBucket, startBucket } from '../../src/rehearsal/bucket/bucket.ts';

export const bucketName = 'results';
export const testCredentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'test-secret' };

export type TestServer = Readonly<{
  endpoint: string;
  stop(): Promise<void>;
  startAgain(): Promise<void>;
}>;

/**
 * Our own is strict about signatures and checksums, and keeps objects on disk; fauxqs was written
 * by others.
 */
export const servers: readonly Readonly<{
  name: string;
  start(dir: string): Promise<TestServer>;
}>[] = [
  { name: 'our own bucket', start: startOwnBucket },
  { name: 'fauxqs', start: startFauxqs },
];

export async function startOwnBucket(dir: string): Promise<TestServer> {
  const options = { bucket: bucketName, storeDir: join(dir, 'store'), ...testCredentials };
  let server: LocalBucket | undefined = await startBucket(options);
  const { endpoint, port } = server;
  return {
    endpoint,
    async stop() {
      await server?.close();
      server = undefined;
    },
    async startAgain() {
      server = await startBucket({ ...options, port });
    },
  };
}

/**
 * fauxqs itself listens on every interface; this serves its application on loopback only, from
 * memory.
 */
async function startFauxqs(): Promise<TestServer> {
  const app = buildApp({ logger: false });
  await app.ready();
  let server: Server | undefined;
  async function listen(port: number): Promise<number> {
    server = createServer((request, answer) => app.routing(request, answer));
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }
  const port = await listen(0);
  const endpoint = `http://127.0.0.1:${port}`;
  await clientOf(endpoint).send(new CreateBucketCommand({ Bucket: bucketName }));
  return {
    endpoint,
    async stop() {
      server?.closeAllConnections();
      server?.close();
      server = undefined;
    },
    async startAgain() {
      await listen(port);
    },
  };
}

/** Every object of the bucket, by key. */
export async function downloaded(endpoint: string): Promise<ReadonlyMap<string, Buffer>> {
  const client = clientOf(endpoint);
  const objects = new Map<string, Buffer>();
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: bucketName,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    for (const { Key = '' } of page.Contents ?? []) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketName, Key }));
      objects.set(Key, Buffer.from((await Body?.transformToByteArray()) ?? []));
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  client.destroy();
  return objects;
}

function clientOf(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    forcePathStyle: true,
    region: 'us-east-1',
    credentials: testCredentials,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}
