/** The metadata client against a metadata service with every fault we know of. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server as NetServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createImds, type ImdsOptions } from '../../../src/aws/imds.ts';
import type { AwaitedMetadata } from '../../../src/aws/imds-retry.ts';
import { silentLog } from '../../../src/log.ts';
import {
  type MetadataServiceOptions,
  startMetadataService,
} from '../../../src/rehearsal/metadata-service.ts';

const identity = {
  instanceId: 'i-0abc',
  launchedAt: '2026-11-22T22:10:00.000Z',
  imageId: 'ami-1',
  instanceType: 'c7i.large',
  architecture: 'x86_64',
  region: 'eu-central-1',
  availabilityZone: 'eu-central-1a',
  accountId: '123456789012',
  launchIndex: 2,
  reservationId: 'r-1',
  lifeCycle: 'spot',
  privateIp: '10.0.0.7',
  publicIp: '192.0.2.1',
};
const userData = Buffer.from('PK\x03\x04 a scenario \xff', 'latin1');
const pace = {
  firstMs: 5,
  capMs: 20,
  staggerMs: 30,
  tokenIntervalMs: 10,
  maxRetryAfterMs: 200,
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(options: Partial<MetadataServiceOptions> = {}) {
  const service = await startMetadataService({ identity, userData, ...options });
  closers.push(service.close);
  return service;
}

function client(baseUrl: string | readonly string[], options: Partial<ImdsOptions> = {}) {
  const awaited: AwaitedMetadata[] = [];
  const imds = createImds({
    baseUrls: [baseUrl].flat(),
    log: silentLog(),
    pace,
    onWaiting: (what) => awaited.push(what),
    ...options,
  });
  return { imds, awaited, signal: AbortSignal.timeout(10_000) };
}

/** A service that answers the first `times` requests that `match` with `fault`. */
async function faulty(
  times: number,
  match: (request: IncomingMessage) => boolean,
  fault: (response: ServerResponse) => void,
) {
  let left = times;
  const paths: string[] = [];
  const service = await start({
    intercept(request, response) {
      paths.push(`${request.method} ${request.url}`);
      if (left === 0 || !match(request)) return false;
      left -= 1;
      fault(response);
      return true;
    },
  });
  return { ...service, paths };
}

const isToken = ({ method }: IncomingMessage): boolean => method === 'PUT';
const isUserData = ({ url }: IncomingMessage): boolean => url === '/latest/user-data';
const status =
  (code: number, headers = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(code, headers).end('fault');
  };

describe('a healthy service', () => {
  it('returns user-data, tags and identity', async () => {
    const tags = { 'onager:slo': 'p95 < 1s', Name: 'x', 'a+b=c.d,e_f@g': '%' };
    const { imds, signal } = client((await start({ tags })).url);
    expect(await imds.userData(signal)).toEqual(userData);
    expect(await imds.tags(signal)).toEqual(tags);
    expect(await imds.identity(signal)).toEqual(identity);
    expect(await imds.text('meta-data/placement/region', signal)).toBe('eu-central-1');
  });

  it('gets one token request, however many callers ask at once', async () => {
    const service = await faulty(0, isToken, status(500));
    const { imds, signal } = client(service.url);
    await Promise.all([imds.userData(signal), imds.identity(signal), imds.tags(signal)]);
    expect(service.paths.filter((path) => path.startsWith('PUT'))).toHaveLength(1);
  });

  it('costs a boot no more than 50 ms of processor time, and no wait', async () => {
    const { url } = await start({ tags: { 'onager:slo': 'p95 < 1s' } });
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const { imds, awaited, signal } = client(url);
      const from = process.cpuUsage();
      await Promise.all([imds.identity(signal), imds.userData(signal), imds.tags(signal)]);
      const { user, system } = process.cpuUsage(from);
      times.push((user + system) / 1_000);
      expect(awaited).toEqual([]);
    }
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it('has no tags, no user-data and no role where it answers 404', async () => {
    const { imds, signal } = client((await startBare()).url);
    expect(await imds.userData(signal)).toBeUndefined();
    expect(await imds.tags(signal)).toEqual({});
    expect(await imds.get('meta-data/iam/security-credentials/', signal)).toBeUndefined();
  });

  it('gets a new token request after 80 % of the lifetime of the old one', async () => {
    let nowMs = 0;
    const service = await faulty(0, isToken, status(500));
    const { imds, signal } = client(service.url, { nowMs: () => nowMs });
    await imds.userData(signal);
    nowMs = 21_600_000 * 0.79;
    await imds.userData(signal);
    expect(service.paths.filter((path) => path.startsWith('PUT'))).toHaveLength(1);
    nowMs = 21_600_000 * 0.81;
    await imds.userData(signal);
    expect(service.paths.filter((path) => path.startsWith('PUT'))).toHaveLength(2);
  });
});

describe('a service with faults', () => {
  it.each<
    [string, number, (request: IncomingMessage) => boolean, (response: ServerResponse) => void]
  >([
    ['503 to the token', 3, isToken, status(503)],
    ['503 to the data', 3, isUserData, status(503)],
    ['500', 2, isUserData, status(500)],
    ['429', 2, isUserData, status(429)],
    ['a token that is none', 2, isToken, (response) => response.end('<html>\n</html>')],
    ['an empty token', 2, isToken, (response) => response.end()],
    ['a reset connection', 2, isUserData, (response) => response.socket?.resetAndDestroy()],
    ['a closed connection', 2, isToken, (response) => response.destroy()],
    ['an empty user-data', 3, isUserData, (response) => response.end()],
    [
      'a body shorter than its length',
      2,
      isUserData,
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('PK', () => response.destroy());
      },
    ],
    [
      'a chunked body without an end',
      2,
      isUserData,
      (response) => {
        response.write('PK', () => response.destroy());
      },
    ],
    [
      'a header and no body',
      2,
      isUserData,
      (response) => {
        response.writeHead(200, { 'content-length': '100' }).flushHeaders();
        response.destroy();
      },
    ],
    [
      'something that is no HTTP',
      2,
      isUserData,
      (response) => {
        response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n');
      },
    ],
    [
      'an endless body',
      1,
      isUserData,
      (response) => {
        response.end(Buffer.alloc(2 * 1024 ** 2));
      },
    ],
  ])(
    'gets the user-data in spite of %s, and says what it waits for',
    async (_, times, match, fault) => {
      const { url } = await faulty(times, match, fault);
      const { imds, awaited, signal } = client(url);
      expect(await imds.userData(signal)).toEqual(userData);
      expect(awaited).toHaveLength(times);
      expect(awaited[0]?.what).toContain('/latest/user-data');
      expect(awaited[0]?.lastAnswer).toMatch(/\w/);
      expect(new Set(awaited.map(({ since }) => since)).size).toBe(1);
    },
  );

  it('waits for a service that is not up yet', async () => {
    const early = await start();
    const port = Number(new URL(early.url).port);
    await early.close();
    const { imds, awaited, signal } = client(early.url, {
      onWaiting: (what) => {
        if (awaited.push(what) === 3) void start({ port });
      },
    });
    expect(await imds.userData(signal)).toEqual(userData);
    expect(awaited[0]?.lastAnswer).toContain('ECONNREFUSED');
  });

  it.each([
    ['in seconds', () => '1'],
    ['as a date', () => new Date(Date.now() + 3_000).toUTCString()],
    ['beyond the cap', () => '86400'],
  ])('honours Retry-After %s, up to the cap', async (_, value) => {
    const { url } = await faulty(1, isUserData, (response) => {
      status(503, { 'retry-after': value() })(response);
    });
    const { imds, signal } = client(url);
    const from = performance.now();
    await imds.userData(signal);
    // If it waited beyond the cap, the signal would end it.
    expect(performance.now() - from).toBeGreaterThan(150);
  });

  it('says by the first answer that the service is switched off', async () => {
    const service = await faulty(9, isToken, status(403));
    const { imds, awaited, signal } = client(service.url);
    await expect(imds.userData(signal)).rejects.toMatchObject({ code: 'IMDS_DISABLED' });
    expect(awaited).toEqual([]);
    expect(service.paths).toHaveLength(1);
  });

  it('says that something else answers in its place', async () => {
    const { url } = await faulty(9, isToken, status(404));
    const { imds, signal } = client(url);
    await expect(imds.userData(signal)).rejects.toMatchObject({ code: 'IMDS_INVALID' });
  });

  it('drops a refused token and asks again once, without anybody waiting for it', async () => {
    const service = await faulty(1, isUserData, status(401));
    const { imds, awaited, signal } = client(service.url);
    expect(await imds.userData(signal)).toEqual(userData);
    expect(awaited).toEqual([]);
    expect(service.paths).toEqual([
      'PUT /latest/api/token',
      'GET /latest/user-data',
      'PUT /latest/api/token',
      'GET /latest/user-data',
    ]);
  });

  it('never asks for tokens in a storm', async () => {
    const asked: number[] = [];
    const { url } = await start({
      intercept({ method }, response) {
        if (method === 'PUT') {
          asked.push(performance.now());
          return false;
        }
        if (asked.length > 4) return false;
        status(401)(response);
        return true;
      },
    });
    const { imds, signal } = client(url, { pace: { ...pace, tokenIntervalMs: 100 } });
    await Promise.all([imds.userData(signal), imds.tags(signal), imds.text('meta-data/', signal)]);
    const gaps = asked.slice(1).map((at, i) => at - (asked[i] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(4);
    expect(Math.min(...gaps)).toBeGreaterThan(90);
  });

  it('waits for answers that are slow, but not for ever', async () => {
    const { url } = await start({
      intercept(request, response) {
        if (!isUserData(request)) return false;
        setTimeout(() => response.end('slow'), 150);
        return true;
      },
    });
    const patient = client(url, { requestTimeoutMs: 5_000 });
    expect(await patient.imds.text('user-data', patient.signal)).toBe('slow');
    expect(patient.awaited).toEqual([]);

    const { promise: lastAnswer, resolve } = Promise.withResolvers<string>();
    const stop = new AbortController();
    const hasty = client(url, {
      requestTimeoutMs: 50,
      onWaiting: (awaited) => resolve(awaited.lastAnswer),
    });
    const asked = hasty.imds.userData(stop.signal);
    expect(await lastAnswer).toBe('no whole answer within 50 ms');
    stop.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reads JSON again that was not whole', async () => {
    const { url } = await faulty(
      2,
      ({ url: path }) => path === '/latest/dynamic/instance-identity/document',
      (response) => response.end('{"instanceId": "i-0'),
    );
    const { imds, awaited, signal } = client(url);
    expect(await imds.identity(signal)).toEqual(identity);
    expect(awaited).toHaveLength(2);
  });

  it('stops waiting at once when it is aborted', async () => {
    const { url } = await faulty(1_000, isToken, status(503, { 'retry-after': '30' }));
    const stop = new AbortController();
    const { imds } = client(url, {
      pace: { ...pace, maxRetryAfterMs: 30_000 },
      onWaiting: () => stop.abort(new Error('enough')),
    });
    await expect(imds.userData(stop.signal)).rejects.toThrow();
    expect(stop.signal.aborted).toBe(true);
  });
});

describe('two endpoints', () => {
  it('takes the second where the first refuses', async () => {
    const gone = await start();
    await gone.close();
    const { imds, awaited, signal } = client([gone.url, (await start({ host: '::1' })).url]);
    expect(await imds.userData(signal)).toEqual(userData);
    expect(awaited).toEqual([]);
  });

  it('takes the second where the first is silent, after a moment, and stays with it', async () => {
    const silent = await startSilent();
    let nowMs = 0;
    const urls = [silent.url, (await start({ host: '::1' })).url];
    const { imds, signal } = client(urls, { nowMs: () => nowMs });
    const from = performance.now();
    expect(await imds.userData(signal)).toEqual(userData);
    expect(performance.now() - from).toBeGreaterThan(25);
    nowMs = 21_600_000;
    await imds.identity(signal);
    expect(silent.connections()).toBe(1);
  });

  it('does not bother the second where the first answers', async () => {
    const silent = await startSilent();
    const { imds, signal } = client([(await start()).url, silent.url]);
    await imds.identity(signal);
    expect(silent.connections()).toBe(0);
  });

  it('goes over to the other when the one it had fails', async () => {
    const first = await start();
    const { imds, awaited, signal } = client([first.url, (await start()).url]);
    await imds.userData(signal);
    await first.close();
    expect(await imds.userData(signal)).toEqual(userData);
    expect(awaited).toHaveLength(1);
  });
});

it.each(['ftp://169.254.169.254', 'https://127.0.0.1', '169.254.169.254', ''])(
  'refuses the endpoint %j',
  (baseUrl) => {
    expect(() => client(baseUrl)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

async function startBare() {
  const service = await startMetadataService({ identity });
  closers.push(service.close);
  return service;
}

/** Accepts connections and says nothing. */
async function startSilent() {
  let connections = 0;
  const server: NetServer = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    closers.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, connections: () => connections };
}
