/**
 * A bucket on this machine that stands in for S3: on the loopback only, as strict as S3 about
 * signatures and sums, its objects on disk so that it can be stopped and started again.
 */

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { errorXml, S3Error } from './errors.ts';
import { type Objects, openObjects } from './objects.ts';
import { answerOf, type S3Reply } from './requests.ts';
import { authenticate, type Keys } from './sigv4.ts';

type LocalBucketOptions = Omit<Keys, 'region'> &
  Readonly<{
    bucket: string;
    /** Where the objects are stored; those already there are in the bucket from the start. */
    storeDir: string;
    host?: string;
    /** 0: any free one. */
    port?: number;
    region?: string;
    /** Sees each request first; true: it has answered, or will. For faults. */
    intercept?(request: IncomingMessage, response: ServerResponse): boolean;
  }>;

export type LocalBucket = Readonly<{
  endpoint: string;
  port: number;
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Every object as a plain file; the names of the objects are the paths. */
  exportTo(dir: string): Promise<void>;
  /** Ends the server, with the requests that are under way; the objects stay. */
  close(): Promise<void>;
}>;

export async function startBucket(options: LocalBucketOptions): Promise<LocalBucket> {
  const { bucket, storeDir, host = '127.0.0.1', port = 0 } = options;
  const { region = 'us-east-1', intercept = () => false } = options;
  const objects = await openObjects(join(storeDir, bucket));
  const app = await createServer(async (request) => {
    const signed = authenticate(request, { ...options, region }, Date.now());
    return await answerOf({ request, signed, bucket, objects });
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-amz-request-id': randomBytes(8).toString('hex').toUpperCase(),
      'x-amz-bucket-region': region,
    });
    if (intercept(request.raw, reply.raw)) reply.hijack();
  });
  const endpoint = await app.listen({ port, host });
  return {
    endpoint,
    port: Number(new URL(endpoint).port),
    put: (key, bytes) => putDirectly(objects, key, bytes),
    exportTo: objects.exportTo,
    async close() {
      await app.close();
    },
  };
}

async function createServer(answer: (request: IncomingMessage) => Promise<S3Reply>) {
  const { fastify } = await import('fastify');
  const app = fastify({
    forceCloseConnections: true,
    // An invalid address never reaches the handlers below.
    frameworkErrors: (_, { url }, reply) => {
      reply.hijack();
      const error = new S3Error('InvalidURI', "Couldn't parse the specified URI.");
      reply.raw.writeHead(error.status, { 'content-type': 'application/xml' });
      reply.raw.end(errorXml(error, url));
    },
  });
  // The request handlers read the bodies themselves.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _body, done) => done(null));
  app.setErrorHandler(async (error, request, reply) => {
    const known = error instanceof S3Error ? error : unexpected(error);
    reply.code(known.status).type('application/xml');
    return request.method === 'HEAD' ? '' : errorXml(known, request.url);
  });
  app.setNotFoundHandler(async ({ raw }, reply) => {
    const { status, headers = {}, body = '' } = await answer(raw);
    return reply.code(status).headers(headers).send(body);
  });
  return app;
}

function unexpected(error: unknown): S3Error {
  return new S3Error('InternalError', messageOf(error));
}

/** Without a request: it need not be signed. */
async function putDirectly(objects: Objects, key: string, bytes: Uint8Array): Promise<void> {
  const whole = (async function* () {
    yield Buffer.from(bytes);
  })();
  const headers = { 'content-type': 'binary/octet-stream' };
  const from = { key, bytes: whole, headers, checksums: () => ({}) };
  await objects.put(from, () => {});
}
