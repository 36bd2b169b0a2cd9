/** Scenarios from S3: from a server that others wrote, and from one that misbehaves. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnagerError } from '../../../../src/errors.ts';
import { type LocalBucket, startBucket } from '../../../../src/rehearsal/bucket/bucket.ts';
import { type FetchOptions, fetchScenario } from '../../../../src/scenario/fetch/fetch.ts';
import type { Fetched } from '../../../../src/scenario/fetch/receive.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import {
  type Answer,
  cutOff,
  serve,
  silent,
  stalled,
  status,
  testFolder,
  whole,
} from './servers.ts';

const body = Buffer.alloc(300_000, 'a scenario ');
const sha256 = createHash('sha256').update(body).digest('hex');
const access = { accessKeyId: 'AKIATEST', secretAccessKey: 'test' };

async function fetchFrom(endpoint: string, more: Partial<FetchOptions> = {}): Promise<Fetched> {
  return await fetchScenario({
    from: 's3://tests/load/check out é.zip',
    to: join(await testFolder(), 'scenario.zip'),
    endpoint,
    region: 'us-east-1',
    credentials: async () => access,
    firstRetryMs: 5,
    idleMs: 300,
    signal: AbortSignal.timeout(20_000),
    ...more,
  });
}

async function failure(work: Promise<unknown>): Promise<OnagerError> {
  return await work.then(
    () => expect.fail('it came'),
    (error) => error,
  );
}

describe('a scenario in S3', () => {
  let bucket: LocalBucket;
  let storeDir: string;
  beforeAll(async () => {
    storeDir = await temporaryFolder('s3');
    bucket = await startBucket({ bucket: 'tests', storeDir, ...access });
    await bucket.put('load/check out é.zip', body);
  });
  afterAll(async () => {
    await bucket.close();
  });

  it('becomes a file, whole and alone', async () => {
    const folder = await testFolder();
    const to = join(folder, 'scenario.zip');

    expect(await fetchFrom(bucket.endpoint, { to, sha256 })).toEqual({ bytes: 300_000, sha256 });

    expect(await readdir(folder)).toEqual(['scenario.zip']);
    expect((await readFile(to)).equals(body)).toBe(true);
  });

  it.for<[string, string, Partial<FetchOptions>]>([
    ['the key does not exist', 'SCENARIO_NOT_FOUND', { from: 's3://tests/other.zip' }],
    ['the bucket does not exist', 'SCENARIO_NOT_FOUND', { from: 's3://other/x.zip' }],
    [
      'the key id is unknown',
      'SCENARIO_ACCESS_DENIED',
      { credentials: async () => ({ ...access, accessKeyId: 'AKIAOTHER' }) },
    ],
    ['it is too large', 'SCENARIO_TOO_LARGE', { maxBytes: 299_999 }],
    ['it is another one', 'SCENARIO_SHA256', { sha256: '0'.repeat(64) }],
    [
      'the instance has no role',
      'ROLE_MISSING',
      {
        credentials: async () => {
          throw new OnagerError('ROLE_MISSING', 'no role', { hint: 'attach one' });
        },
      },
    ],
    [
      'there are no credentials',
      'NO_CREDENTIALS',
      {
        credentials: async () => {
          throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
        },
      },
    ],
  ])('is refused at once where %s', async ([, code, more]) => {
    // A retry would end only with the signal.
    expect(await failure(fetchFrom(bucket.endpoint, more))).toMatchObject({ code });
  });

  it('comes once the role has credentials', async () => {
    let asked = 0;
    const credentials = async (): Promise<typeof access> => {
      asked += 1;
      if (asked > 2) return access;
      throw new OnagerError('ROLE_NOT_READY', 'no credentials yet', { hint: 'wait' });
    };

    expect(await fetchFrom(bucket.endpoint, { credentials })).toMatchObject({ sha256 });
  });
});

describe('a scenario in an S3 that misbehaves', () => {
  const slowDown = status(503, {}, '<Error><Code>SlowDown</Code></Error>');
  const skewed = status(403, {}, '<Error><Code>RequestTimeTooSkewed</Code></Error>');

  it.for<[string, Answer]>([
    ['slows down', slowDown],
    ['finds the clock wrong', skewed],
    ['cuts bodies off', cutOff],
    ['stalls', stalled],
    ['says nothing', silent],
  ])('comes though it %s', async ([, bad]) => {
    const { port } = await serve([bad, whole(body)]);

    expect(await fetchFrom(`http://127.0.0.1:${port}`)).toMatchObject({ sha256 });
  });

  it('comes from another region, once that is known', async () => {
    const elsewhere = status(
      301,
      { 'x-amz-bucket-region': 'eu-west-3' },
      '<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>',
    );
    const { port, requests } = await serve([elsewhere, whole(body)]);

    expect(await fetchFrom(`http://127.0.0.1:${port}`)).toMatchObject({ sha256 });

    expect(requests[1]?.headers.authorization).toContain('/eu-west-3/s3/');
  });

  it.for(['SignatureDoesNotMatch', 'AccessDenied', 'ExpiredToken'])(
    'is refused at once where S3 answers %s',
    async (code) => {
      const { port } = await serve([status(403, {}, `<Error><Code>${code}</Code></Error>`)]);

      expect(await failure(fetchFrom(`http://127.0.0.1:${port}`))).toMatchObject({
        code: 'SCENARIO_ACCESS_DENIED',
        message: expect.stringContaining(code),
        hint: expect.stringContaining('arn:aws:s3:::tests/load/'),
      });
    },
  );

  it('is given up at the deadline', async () => {
    const { port } = await serve([slowDown]);

    expect(await failure(fetchFrom(`http://127.0.0.1:${port}`, { deadlineMs: 200 }))).toMatchObject(
      {
        code: 'SCENARIO_UNREACHABLE',
        message: expect.stringMatching(/SlowDown.*given up after/),
      },
    );
  });
});
