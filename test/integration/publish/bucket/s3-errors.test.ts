import { copyFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OnagerError } from '../../../../src/errors.ts';
import { silentLog } from '../../../../src/log.ts';
import { createPublisher, type PublisherOptions } from '../../../../src/publish/publisher.ts';
import { type RunFolder, runFolder } from '../../../../src/run/folder.ts';
import type { PublishInfo } from '../../../../src/run/state.ts';
import { expectWhole, fill, finishedRun } from '../../../support/s3-run-folder.ts';
import {
  bucketName,
  downloaded,
  startOwnBucket,
  type TestServer,
  testCredentials,
} from '../../../support/s3-servers.ts';
import {
  type Seen,
  startToxicProxy,
  type Toxic,
  type ToxicProxy,
} from '../../../support/s3-toxic-proxy.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

type Script = (seen: Seen, index: number) => Toxic | undefined;

let dir: string;
let root: string;
let server: TestServer;
let proxy: ToxicProxy;
let toxic: Script;

beforeEach(async () => {
  dir = await temporaryFolder('publish-faults');
  root = join(dir, 'run');
  server = await startOwnBucket(dir);
  toxic = () => undefined;
  proxy = await startToxicProxy({
    target: () => server.endpoint,
    secretAccessKey: testCredentials.secretAccessKey,
    toxic: (seen, index) => toxic(seen, index),
  });
});
afterEach(async () => {
  await proxy.close();
  await server.stop();
});

function options(changes: Partial<PublisherOptions> = {}): PublisherOptions {
  return {
    folder: runFolder(root),
    runId: 'run-1',
    settings: { bucket: bucketName, prefix: 'runs', endpoint: proxy.endpoint },
    credentials: async () => testCredentials,
    defaultRegion: 'us-east-1',
    log: silentLog(),
    onChange: () => undefined,
    pace: { firstMs: 5, capMs: 20 },
    timeouts: { connectMs: 1_000, idleMs: 300, perAttemptMs: 2_000 },
    ...changes,
  };
}

async function smallRun(): Promise<RunFolder> {
  await fill(root, 'run.json', '{}');
  await fill(root, 'engine/rows', 'row\n');
  await fill(root, 'report/report.html', '<!doctype html>');
  return runFolder(root);
}

it('ends with its signal, even if nothing answers the question for credentials', async () => {
  const asked = Promise.withResolvers<void>();
  const over = new AbortController();
  const folder = await smallRun();
  const credentials = async () => {
    asked.resolve();
    return await Promise.withResolvers<never>().promise;
  };
  const timeouts = { connectMs: 60_000, idleMs: 60_000, perAttemptMs: 60_000 };
  const live = createPublisher(options({ folder, credentials, timeouts })).live(over.signal);
  await asked.promise;
  over.abort();
  await live;
});

function finish(changes: Partial<PublisherOptions>, deadlineMs: number): Promise<PublishInfo> {
  const publisher = createPublisher(options(changes));
  return publisher.finish(AbortSignal.timeout(60_000), { deadlineMs });
}

function xml(status: number, code: string, more = '', headers = {}): Toxic {
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said ${code}</Message>${more}</Error>`;
  return { kind: 'answer', status, body, headers };
}

/** Applies the toxic to every third request, until that many have met it. */
function everyThird(what: Toxic, times = 15): Script {
  let left = times;
  return (_, index) => {
    if (index % 3 !== 0 || left === 0) return undefined;
    left -= 1;
    return what;
  };
}

describe('a store that fails now and then', () => {
  it.each<[string, Toxic]>([
    ['503 SlowDown', xml(503, 'SlowDown')],
    ['500 InternalError', xml(500, 'InternalError')],
    ['a clock that is wrong', xml(403, 'RequestTimeTooSkewed')],
    ['expired credentials', xml(400, 'ExpiredToken')],
    ['403 AccessDenied', xml(403, 'AccessDenied')],
    ['resets', { kind: 'reset' }],
    ['half answers', { kind: 'half-answer' }],
    ['answers that never come', { kind: 'hang' }],
    ['answers that are lost after the deed', { kind: 'lost-answer' }],
  ])('gets everything in spite of %s', async (_, what) => {
    const folder = await finishedRun(root);
    toxic = everyThird(what);
    const info = await finish({}, 50_000);
    expect(info).toMatchObject({ whole: true, pending: 0 });
    expect(info).not.toHaveProperty('problem');
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('recognises its own manifest when the answer to it is lost', async () => {
    const folder = await smallRun();
    let lost = 0;
    toxic = ({ method, key }) => {
      if (method !== 'PUT' || !key.endsWith('/manifest.json') || lost === 6) return undefined;
      lost += 1;
      return { kind: 'lost-answer' };
    };
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('recognises its own manifest by 412, where the look before did not see it yet', async () => {
    const folder = await smallRun();
    let heads = 0;
    toxic = ({ method, key }) => {
      if (!key.endsWith('/manifest.json')) return undefined;
      if (method === 'PUT' && heads > 1) return xml(412, 'PreconditionFailed');
      if (method === 'PUT') return { kind: 'lost-answer' };
      heads += 1;
      return heads < 3 ? { kind: 'answer', status: 404 } : undefined;
    };
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });
});

describe('something between that says 200', () => {
  const isPut = ({ method, key }: Seen): boolean =>
    method === 'PUT' && !key.endsWith('/manifest.json');

  it('is not believed without an ETag', async () => {
    const folder = await smallRun();
    toxic = (seen) => (isPut(seen) ? { kind: 'answer', status: 200 } : undefined);
    await expect(finish({}, 1_000)).resolves.toMatchObject({
      whole: false,
      problem: { code: 'BUCKET_NOT_S3' },
    });
    expect(await downloaded(server.endpoint)).toEqual(new Map());
    toxic = () => undefined;
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it.each([404, 403])('is found out by a look at each object, which gives %i', async (status) => {
    const folder = await smallRun();
    let swallowed = 0;
    toxic = (seen) => {
      // A role that may not list is denied a look at what does not exist.
      if (seen.method === 'HEAD' && swallowed === 2 && seen.key.endsWith('report.html')) {
        swallowed += 1;
        return { kind: 'answer', status };
      }
      if (!isPut(seen) || swallowed >= 2 || seen.key.endsWith('run.json')) return undefined;
      swallowed += 1;
      return { kind: 'answer', status: 200, headers: { etag: '"x"' } };
    };
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('keeps the manifest away for as long as objects are missing', async () => {
    await smallRun();
    toxic = (seen) =>
      isPut(seen) ? { kind: 'answer', status: 200, headers: { etag: '"x"' } } : undefined;
    await expect(finish({}, 1_000)).resolves.toMatchObject({
      whole: false,
      problem: { code: 'BUCKET_INCOMPLETE' },
    });
    expect(await downloaded(server.endpoint)).toEqual(new Map());
  });
});

describe('a crash between the manifest and its entry in the ledger', () => {
  it('ends in the same manifest', async () => {
    const folder = await smallRun();
    const atCrash = join(dir, 'publish.json');
    let sent = 0;
    toxic = ({ method, key }) => {
      if (!key.endsWith('/manifest.json')) return undefined;
      if (method === 'PUT') {
        copyFileSync(folder.publishJson, atCrash);
        sent += 1;
      }
      return sent > 0 && method === 'HEAD' ? { kind: 'hang' } : undefined;
    };
    await expect(finish({}, 1_000)).resolves.toMatchObject({ whole: false });
    expect(sent).toBe(1);
    copyFileSync(atCrash, folder.publishJson);
    toxic = () => undefined;
    await fill(root, 'run.json', '{"changed":"since"}');
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await fill(root, 'run.json', '{}');
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });
});

describe('a store that can less, or wants more', () => {
  it('does without conditional writes where they are not implemented', async () => {
    const folder = await smallRun();
    toxic = ({ headers }) =>
      headers['if-none-match'] === undefined ? undefined : xml(501, 'NotImplemented');
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('asks for every object to be new, and for no checksums of a store that is not AWS', async () => {
    await smallRun();
    await finish({}, 30_000);
    const puts = proxy.journal.filter(({ method }) => method === 'PUT');
    for (const { headers } of puts) {
      expect(headers['if-none-match']).toBe('*');
      expect(Object.keys(headers).filter((name) => name.includes('checksum'))).toEqual([]);
      expect(headers['content-encoding']).toBeUndefined();
    }
  });

  it('sends checksums to a store that refuses objects without them', async () => {
    const folder = await smallRun();
    toxic = ({ method, headers }) =>
      method !== 'PUT' || 'x-amz-checksum-sha256' in headers
        ? undefined
        : {
            kind: 'answer',
            status: 400,
            body: '<Error><Code>InvalidRequest</Code><Message>Content-MD5 OR x-amz-checksum- HTTP header is required</Message></Error>',
          };
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
    const refused = proxy.journal.filter(
      ({ method, headers }) => method === 'PUT' && !('x-amz-checksum-sha256' in headers),
    );
    expect(refused.length).toBeLessThanOrEqual(3);
  });

  it('is content with the answer to the put where it may not look', async () => {
    await smallRun();
    toxic = ({ method }) => (method === 'HEAD' ? { kind: 'answer', status: 403 } : undefined);
    await expect(finish({}, 30_000)).resolves.toMatchObject({
      whole: true,
      problem: { code: 'BUCKET_UNSEEN' },
    });
  });

  it('writes on without conditions where the role may not compare', async () => {
    const folder = await smallRun();
    toxic = ({ headers }) =>
      headers['if-match'] === undefined ? undefined : xml(403, 'AccessDenied');
    const beforeSeal = () => fill(root, 'run.json', '{"phase":"finished"}');
    const publisher = createPublisher(options());
    await expect(
      publisher.finish(AbortSignal.timeout(60_000), { deadlineMs: 30_000, beforeSeal }),
    ).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('follows a bucket to its region once', async () => {
    const folder = await smallRun();
    toxic = ({ headers }) =>
      headers.authorization?.includes('/us-east-1/') === true
        ? undefined
        : xml(301, 'PermanentRedirect', '', { 'x-amz-bucket-region': 'us-east-1' });
    await expect(finish({ defaultRegion: 'eu-west-3' }, 30_000)).resolves.toMatchObject({
      whole: true,
    });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('sends owner and KMS key along', async () => {
    await smallRun();
    const settings = {
      ...options().settings,
      bucketOwner: '123456789012',
      kmsKey: 'alias/results',
    };
    await finish({ settings }, 30_000);
    const puts = proxy.journal.filter(({ method }) => method === 'PUT');
    expect(puts.length).toBeGreaterThan(3);
    for (const { headers } of puts) {
      expect(headers).toMatchObject({
        'x-amz-expected-bucket-owner': '123456789012',
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'alias/results',
      });
    }
  });
});

describe('a fault that lasts', () => {
  const denied: Script = () => xml(403, 'AccessDenied');
  const owned: Script = ({ method, key }) =>
    method === 'HEAD' && key === '' ? { kind: 'answer', status: 200 } : xml(403, 'AccessDenied');
  const owner = { bucketOwner: '123456789012' };
  const cases: readonly Readonly<{
    what: string;
    code: string;
    says: string;
    toxic?: Script;
    settings?: object;
    credentials?: PublisherOptions['credentials'];
  }>[] = [
    {
      what: 'no role',
      code: 'ROLE_MISSING',
      says: 'the instance has no IAM role',
      credentials: async () => {
        throw new OnagerError('ROLE_MISSING', 'the instance has no IAM role', { hint: 'attach' });
      },
    },
    {
      what: 'no credentials',
      code: 'NO_CREDENTIALS',
      says: 'there are no AWS credentials: nothing found',
      credentials: async () => {
        throw new Error('nothing found');
      },
    },
    {
      what: 'credentials that the store does not know',
      code: 'CREDENTIALS_REFUSED',
      says: 'InvalidAccessKeyId',
      credentials: async () => ({ accessKeyId: 'AKIDWRONG', secretAccessKey: 'x' }),
    },
    {
      what: 'no bucket',
      code: 'BUCKET_MISSING',
      says: 'there is no bucket "none-such"',
      settings: { bucket: 'none-such' },
    },
    {
      what: 'a bucket in a region nobody names',
      code: 'BUCKET_REGION',
      says: 'in another region, not in us-east-1',
      toxic: () => xml(301, 'PermanentRedirect'),
    },
    {
      what: 'a bucket that sends from region to region',
      code: 'BUCKET_REGION',
      says: 'is in eu-north-',
      toxic: (_, index) =>
        xml(301, 'PermanentRedirect', '', { 'x-amz-bucket-region': `eu-north-${index}` }),
    },
    { what: 'denied access', code: 'BUCKET_ACCESS_DENIED', says: 'not allowed', toxic: denied },
    {
      what: 'denied access, with an owner named',
      code: 'BUCKET_ACCESS_DENIED',
      says: 'not allowed',
      toxic: denied,
      settings: owner,
    },
    {
      what: 'another owner',
      code: 'BUCKET_OWNER',
      says: 'does not belong to account 123456789012',
      toxic: owned,
      settings: owner,
    },
    {
      what: 'a KMS key that may not be used',
      code: 'BUCKET_KMS_KEY',
      says: 'cannot encrypt with alias/k',
      toxic: () => xml(400, 'KMS.DisabledException'),
      settings: { kmsKey: 'alias/k' },
    },
    {
      what: 'nobody there',
      code: 'BUCKET_UNREACHABLE',
      says: 'ECONNREFUSED',
      settings: { endpoint: 'http://127.0.0.1:1' },
    },
    {
      what: 'a host without an address',
      code: 'BUCKET_UNREACHABLE',
      says: 'cannot be reached',
      settings: { endpoint: 'http://s3.invalid' },
    },
    {
      what: 'silence',
      code: 'BUCKET_UNREACHABLE',
      says: 'cannot be reached',
      toxic: () => ({ kind: 'hang' }),
    },
    {
      what: 'a store that is always busy',
      code: 'BUCKET_BUSY',
      says: '500 InternalError',
      toxic: () => xml(500, 'InternalError'),
    },
    {
      what: 'something that is not S3',
      code: 'BUCKET_REFUSED',
      says: '405',
      toxic: () => ({ kind: 'answer', status: 405, body: '<html>no</html>' }),
    },
  ];

  it.each(cases)('reports $what, and keeps the results', async (given) => {
    const folder = await smallRun();
    toxic = given.toxic ?? toxic;
    const settings = { ...options().settings, ...given.settings };
    const { credentials = async () => testCredentials } = given;
    const info = await finish({ settings, credentials }, 1_200);
    expect(info).toMatchObject({ whole: false, problem: { code: given.code } });
    expect(info.pending).toBeGreaterThan(0);
    expect(info.problem?.message).toContain(given.says);
    expect(info.problem?.hint).not.toBe('');

    toxic = () => undefined;
    if (given.settings !== undefined) return;
    await expect(finish({}, 30_000)).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('ends as soon as the cause is fixed', async () => {
    const folder = await smallRun();
    toxic = denied;
    const publisher = createPublisher(options());
    const finished = publisher.finish(AbortSignal.timeout(60_000), { deadlineMs: 60_000 });
    await expect
      .poll(() => publisher.info().problem?.code, { timeout: 10_000 })
      .toBe('BUCKET_ACCESS_DENIED');
    toxic = () => undefined;
    await expect(finished).resolves.toMatchObject({ whole: true });
    await expectWhole(await downloaded(server.endpoint), 'runs/run-1', folder);
  });

  it('ends at once when aborted', async () => {
    await smallRun();
    toxic = () => ({ kind: 'hang' });
    const stop = new AbortController();
    const publisher = createPublisher(options());
    const finished = publisher.finish(stop.signal, { deadlineMs: 60_000 });
    await expect.poll(() => proxy.journal.length, { timeout: 10_000 }).toBeGreaterThan(0);
    stop.abort(new Error('enough'));
    await expect(finished).rejects.toThrow('enough');
  });

  it.skipIf(process.getuid?.() === 0)('names a file that cannot be read', async () => {
    const folder = await smallRun();
    await chmod(join(folder.engineDir, 'rows'), 0);
    const info = await finish({}, 1_000);
    expect(info).toMatchObject({ whole: false, problem: { code: 'PUBLISH_FILE' } });
  });
});
