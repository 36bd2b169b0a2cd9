/** Members find each other by the cards that they leave in the publish bucket. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cards, createCards } from '../../../../src/cluster/discovery/cards.ts';
import { silentLog } from '../../../../src/log.ts';
import { type LocalBucket, startBucket } from '../../../../src/rehearsal/bucket/bucket.ts';
import { errorXml, S3Error } from '../../../../src/rehearsal/bucket/errors.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const keys = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret', sessionToken: 'token' };
const hash = '0123456789abcdef';
const { signal } = new AbortController();

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

async function start(
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<LocalBucket> {
  const storeDir = await temporaryFolder('cards');
  const bucket = await startBucket({ ...keys, bucket: 'runs', storeDir, intercept });
  opened.defer(() => bucket.close());
  return bucket;
}

function cardsOf(
  { endpoint }: LocalBucket,
  index: number,
  { prefix = 'a/b', cluster = hash } = {},
): Cards {
  const cards = createCards({
    publish: { bucket: 'runs', prefix, endpoint },
    self: {
      cluster,
      instanceId: `i-${index}`,
      launchIndex: index,
      address: `10.0.0.${index}`,
      port: 7424,
    },
    credentials: async () => keys,
    defaultRegion: 'us-east-1',
    log: silentLog(),
  });
  opened.defer(cards.close);
  return cards;
}

describe('cards', () => {
  it.each(['', 'a/b'])(
    'are found by whoever looks later, below the prefix "%s"',
    async (prefix) => {
      const bucket = await start();
      const [first, second] = [cardsOf(bucket, 1, { prefix }), cardsOf(bucket, 2, { prefix })];
      const other = cardsOf(bucket, 9, { prefix, cluster: 'f'.repeat(16) });
      expect(await other.look(signal)).toEqual([]);
      expect(await first.look(signal)).toEqual([]);
      expect(await second.look(signal)).toEqual(['10.0.0.1']);
      expect(await first.look(signal)).toEqual(['10.0.0.2']);
    },
  );

  it('of an earlier launch are not looked at', async () => {
    const old = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const now = new Date().toISOString();
    const listed = [1, 7, 8].map(
      (index) =>
        `<Contents><Key>a/b/_cluster/${hash}/i-${index}_10.0.0.${index}.json</Key><LastModified>${index === 7 ? old : now}</LastModified><Size>9</Size></Contents>`,
    );
    const bucket = await start((request, response) => {
      if (!request.url?.includes('list-type=2')) return false;
      response.end(`<ListBucketResult><Name>runs</Name>${listed.join('')}</ListBucketResult>`);
      return true;
    });
    expect(await cardsOf(bucket, 1).look(signal)).toEqual(['10.0.0.8']);
  });

  it.each(['i-2.json', 'i-2_10.0.0.256.json', 'i-2_example.test.json', '_.json', '10.0.0.2'])(
    'are left out where their name is "%s"',
    async (name) => {
      const bucket = await start();
      await bucket.put(`a/b/_cluster/${hash}/${name}`, Buffer.alloc(0));
      await bucket.put(`a/b/_cluster/${hash}/i-3_10.0.0.3.json`, Buffer.from('of any kind'));
      expect(await cardsOf(bucket, 1).look(signal)).toEqual(['10.0.0.3']);
    },
  );

  it('are found though there are more than fit on a page of the list', async () => {
    const page = (index: number, more: string): string =>
      `<ListBucketResult>${more}<Contents><Key>a/b/_cluster/${hash}/i-${index}_10.0.0.${index}.json</Key></Contents></ListBucketResult>`;
    const bucket = await start((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://host');
      if (searchParams.get('list-type') !== '2') return false;
      const isSecond = searchParams.get('continuation-token') === 'to+/=ken';
      const next = '<NextContinuationToken>to+/=ken</NextContinuationToken>';
      response.end(isSecond ? page(3, '') : page(2, next));
      return true;
    });
    expect(await cardsOf(bucket, 1).look(signal)).toEqual(['10.0.0.2', '10.0.0.3']);
  });

  it('need a list that the role may see, and say so', async () => {
    const bucket = await start((request, response) => {
      if (!request.url?.includes('list-type=2')) return false;
      response.writeHead(403).end(errorXml(new S3Error('AccessDenied', 'Access Denied'), '/'));
      return true;
    });
    await expect(cardsOf(bucket, 1).look(signal)).rejects.toThrow(
      's3:ListBucket on arn:aws:s3:::runs',
    );
  });
});
