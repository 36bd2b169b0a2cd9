/** Scenarios over HTTPS, from servers that behave and from servers that do not. */

import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type OnagerError, problemsOf } from '../../../../src/errors.ts';
import {
  type FetchOptions,
  type FetchProgress,
  fetchScenario,
} from '../../../../src/scenario/fetch/fetch.ts';
import type { Fetched } from '../../../../src/scenario/fetch/receive.ts';
import {
  type Answer,
  cutOff,
  hungUp,
  type Identity,
  selfSigned,
  serve,
  silent,
  stalled,
  status,
  testFolder,
  whole,
} from './servers.ts';

const body = 'a scenario';
const sha256 = createHash('sha256').update(body).digest('hex');

let identity: Identity;
beforeAll(async () => {
  identity = await selfSigned();
});

const noCredentials = async (): Promise<never> => {
  throw new Error('https needs no credentials');
};

async function fetchFrom(port: number, more: Partial<FetchOptions> = {}): Promise<Fetched> {
  return await fetchScenario({
    from: `https://localhost:${port}/scenario.zip?X-Amz-Signature=secret`,
    to: join(await testFolder(), 'scenario.zip'),
    ca: identity.cert,
    credentials: noCredentials,
    firstRetryMs: 5,
    idleMs: 200,
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

/** A byte now and then. */
function dripping(bytes: number): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': `${bytes}` });
    let left = bytes;
    const timer = setInterval(() => {
      response.write('x');
      left -= 1;
      if (left === 0) clearInterval(timer);
    }, 25);
    response.on('close', () => clearInterval(timer));
  };
}

describe('a scenario over https', () => {
  it('becomes a file, whole and alone', async () => {
    const { port, requests } = await serve([whole(body)], identity);
    const folder = await testFolder();
    const to = join(folder, 'scenario.zip');
    await writeFile(`${to}.draft`, 'left by a killed run, and longer than what comes now');

    expect(await fetchFrom(port, { to, sha256: sha256.toUpperCase() })).toEqual({
      bytes: body.length,
      sha256,
    });

    expect(await readdir(folder)).toEqual(['scenario.zip']);
    expect(await readFile(to, 'utf8')).toBe(body);
    expect(Object.keys(requests[0]?.headers ?? {}).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  it.for<[string, Answer]>([
    ['a server that is overloaded', status(503)],
    ['a server that asks to slow down', status(429)],
    ['a body that is cut off', cutOff],
    ['a body that stalls', stalled],
    ['a server that says nothing', silent],
    ['a connection that is hung up', hungUp],
  ])('comes in spite of %s', async ([, bad]) => {
    const { port } = await serve([bad, bad, whole(body)], identity);
    const seen: FetchProgress[] = [];

    expect(await fetchFrom(port, { onProgress: (now) => seen.push(now) })).toMatchObject({
      sha256,
    });

    expect(seen.at(-1)).toMatchObject({
      attempt: 3,
      receivedBytes: body.length,
      totalBytes: body.length,
      lastProblem: { code: 'SCENARIO_UNREACHABLE' },
    });
  });

  it.for<[string, Answer, string]>([
    ['nothing there', status(404), 'SCENARIO_NOT_FOUND'],
    ['no access', status(403), 'SCENARIO_ACCESS_DENIED'],
    ['a password', status(401), 'SCENARIO_ACCESS_DENIED'],
    ['no such request', status(400), 'SCENARIO_REFUSED'],
    ['nothing to say', status(204), 'SCENARIO_REFUSED'],
    ['a part only', status(206, {}, 'part'), 'SCENARIO_REFUSED'],
    ['a redirect to nowhere', status(302), 'SCENARIO_REDIRECT'],
    ['a redirect to no address', status(302, { location: 'https://[' }), 'SCENARIO_REDIRECT'],
    ['a redirect to http', status(302, { location: 'http://localhost/' }), 'SCENARIO_REDIRECT'],
    ['a redirect to a file', status(302, { location: 'file:///etc/passwd' }), 'SCENARIO_REDIRECT'],
    [
      'a redirect with a password',
      status(302, { location: 'https://a:b@localhost/' }),
      'SCENARIO_REDIRECT',
    ],
    ['a redirect to itself', status(301, { location: '/scenario.zip' }), 'SCENARIO_REDIRECT'],
    [
      'too much',
      status(200, { 'content-length': '99999' }, 'x'.repeat(99_999)),
      'SCENARIO_TOO_LARGE',
    ],
  ])('is refused at once where the server has %s', async ([, answer, code]) => {
    const { port } = await serve([answer], identity);
    const folder = await testFolder();
    const to = join(folder, 'scenario.zip');
    await writeFile(to, 'what was there');

    const error = await failure(fetchFrom(port, { to, sha256, maxBytes: 1_000 }));

    expect(error).toMatchObject({ code });
    expect(JSON.stringify(problemsOf(error))).not.toContain('secret');
    expect(await readdir(folder)).toEqual(['scenario.zip']);
    expect(await readFile(to, 'utf8')).toBe('what was there');
  });

  it('is refused as soon as it is too large, even if the server gave no size', async () => {
    const endless: Answer = (_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(10_000), () => setImmediate(more));
      };
      more();
    };
    const { port } = await serve([endless], identity);

    expect(await failure(fetchFrom(port, { maxBytes: 100_000 }))).toMatchObject({
      code: 'SCENARIO_TOO_LARGE',
    });
  });

  it('says both sums where it is another one', async () => {
    const { port } = await serve([whole('another')], identity);

    const { code, message } = await failure(fetchFrom(port, { sha256 }));

    expect(code).toBe('SCENARIO_SHA256');
    expect(message).toContain(sha256);
    expect(message).toContain(createHash('sha256').update('another').digest('hex'));
  });

  it('may be redirected five times', async () => {
    const on = status(307, { location: 'next?X-Amz-Signature=secret' });
    const { port, requests } = await serve([on, on, on, on, on, whole(body)], identity);

    await fetchFrom(port);

    expect(requests.length).toBe(6);
  });

  it('does not come from a server that is not trusted', async () => {
    const { port } = await serve([whole(body)], identity);
    const { cert: ca } = await selfSigned();

    expect(await failure(fetchFrom(port, { ca }))).toMatchObject({ code: 'SCENARIO_TLS' });
  });

  it('does not come from a server of another name', async () => {
    const { port } = await serve([whole(body)], identity);

    expect(await failure(fetchFrom(port, { from: `https://127.0.0.1:${port}/x` }))).toMatchObject({
      code: 'SCENARIO_TLS',
    });
  });

  it('does not come over http, but from loopback where that is allowed', async () => {
    const { port } = await serve([whole(body)]);
    const from = `http://127.0.0.1:${port}/x`;

    expect(await failure(fetchFrom(port, { from }))).toMatchObject({ code: 'SCENARIO_REDIRECT' });
    expect(await fetchFrom(port, { from, httpOnLoopback: true })).toMatchObject({ sha256 });
  });

  it('is given up at the deadline, with the last reason, and without the signature', async () => {
    const { port } = await serve([status(503), silent], identity);

    const error = await failure(fetchFrom(port, { deadlineMs: 150, idleMs: 10_000 }));

    expect(error).toMatchObject({
      code: 'SCENARIO_UNREACHABLE',
      message: expect.stringMatching(/503.*given up after 2 attempts/),
    });
    expect(error.message).not.toContain('secret');
  });

  it('continues beyond the deadline as long as new bytes arrive', async () => {
    const { port, requests } = await serve([dripping(40)], identity);
    const fetched = await fetchFrom(port, { deadlineMs: 400, idleMs: 10_000 });
    expect(fetched).toMatchObject({ bytes: 40 });
    expect(requests).toHaveLength(1);
  });

  it('is given up where an attempt brings, slowly, what an earlier one has brought', async () => {
    const most: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': '41' });
      response.write('x'.repeat(40));
    };
    const { port } = await serve([most, dripping(41)], identity);
    const error = await failure(fetchFrom(port, { deadlineMs: 400, idleMs: 200 }));
    expect(error.message).toMatch(/given up after \d+ attempts and 0 s without new data/);
  });

  it('is given up if nothing listens at the address', async () => {
    expect(await failure(fetchFrom(1, { deadlineMs: 100 }))).toMatchObject({
      code: 'SCENARIO_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.for<[string, Answer]>([
    ['an answer is awaited', silent],
    ['a body is read', stalled],
    ['the next attempt is awaited', status(503)],
  ])('ends at once when aborted while %s', async ([, answer]) => {
    const { port } = await serve([answer], identity);
    const folder = await testFolder();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('stop')), 50);

    const fetching = fetchFrom(port, {
      to: join(folder, 'x'),
      signal: stop.signal,
      idleMs: 10_000,
      firstRetryMs: 10_000,
    });

    await expect(fetching).rejects.toThrow('stop');
    expect(await readdir(folder)).toEqual([]);
  });

  it.for(['ftp://host/x', '/etc/passwd', 's3://bucket', 's3://bucket/', 'https://u:p@host/x', ''])(
    'has a place that is one: not %j',
    async (from) => {
      const error = await failure(fetchFrom(1, { from }));
      expect(error).toMatchObject({ code: 'SCENARIO_FROM' });
      expect(error.message).not.toContain('u:p');
    },
  );
});
