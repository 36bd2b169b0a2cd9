/** Who may see the page. */
import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../../src/web/rate-limit.ts';
import { bearer, key, runState, start } from './setup.ts';

const form = { 'content-type': 'application/x-www-form-urlencoded' };

function login(server: ReturnType<typeof start>['server'], given: string) {
  return server.inject({
    method: 'POST',
    url: '/key',
    headers: form,
    payload: `key=${encodeURIComponent(given)}`,
  });
}

function basic(password: string) {
  return { authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` };
}

describe('without a key', () => {
  it.each([
    '/',
    '/report.html',
    '/files',
    '/files.zip',
    '/files/run.json',
    '/engine/',
    '/nothing',
    '/api/run',
    '/api/summary',
    '/api/events',
    '/metrics',
    '/sandbox/guess/report.html',
  ])('answers 401 to %s and says nothing of a run', async (url) => {
    const { server } = start();
    const response = await server.inject(url);
    expect(response.statusCode).toBe(401);
    expect(response.body).not.toContain('2026');
    expect(response.body).not.toContain('running');
  });

  it('answers the same whether there is a run or not', async () => {
    const busy = start();
    const idle = start();
    idle.setState({ ...runState, phase: 'idle', runId: '' });
    const [one, two] = [await busy.server.inject('/'), await idle.server.inject('/')];
    expect(one.body).toBe(two.body);
  });

  it('shows a page with a form to people, and a problem document to programs', async () => {
    const { server } = start();
    const page = await server.inject('/');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['content-security-policy']).toMatch(
      /script-src 'none'.*form-action 'self'/,
    );
    expect(page.body).toContain('method="post" action="/key">');
    const api = await server.inject('/api/run');
    expect(api.headers['content-type']).toContain('application/problem+json');
    expect(api.headers['www-authenticate']).toContain('Bearer');
    expect(api.json()).toMatchObject({ status: 401 });
  });

  it('cannot stop the load', async () => {
    const { server, world } = start();
    expect((await server.inject({ method: 'POST', url: '/api/stop' })).statusCode).toBe(401);
    expect(world.stops).toBe(0);
  });

  it('answers /healthz', async () => {
    const { server, world } = start();
    world.access = undefined;
    const response = await server.inject('/healthz');
    expect([response.statusCode, response.body]).toEqual([200, 'ok\n']);
  });
});

describe('with the key', () => {
  it.each([
    ['a bearer token', bearer],
    ['a bearer token in capitals', { authorization: `BEARER ${key}` }],
    ['basic auth', basic(key)],
  ])('lets %s in', async (_, headers) => {
    const { server } = start();
    expect((await server.inject({ url: '/api/run', headers })).statusCode).toBe(200);
  });

  it('accepts a password with a colon', async () => {
    const { server, world } = start();
    world.access = { kind: 'key', key: 'a:b:c-0123456789' };
    const response = await server.inject({ url: '/api/run', headers: basic('a:b:c-0123456789') });
    expect(response.statusCode).toBe(200);
  });

  it('gives a cookie that is not the key, cannot be read by scripts, and holds after a restart', async () => {
    const response = await login(start().server, ` ${key}\n`);
    expect([response.statusCode, response.headers.location]).toEqual([303, '/']);
    const cookie = String(response.headers['set-cookie']);
    expect(cookie).toMatch(/^onager=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(cookie).not.toContain(key);
    const [pair = ''] = cookie.split(';');
    const again = await start().server.inject({
      url: '/',
      headers: { cookie: `a=b; ${pair}; c=d` },
    });
    expect(again.statusCode).toBe(200);
  });

  it('takes no cookie that was made for another key, and takes it back', async () => {
    const { server, world } = start();
    const cookie = String((await login(server, key)).headers['set-cookie']).split(';')[0] ?? '';
    world.access = { kind: 'key', key: 'another-key-0123' };
    const response = await server.inject({ url: '/', headers: { cookie } });
    expect(response.statusCode).toBe(401);
    expect(response.headers['set-cookie']).toContain('Max-Age=0');
  });
});

describe('with a wrong key', () => {
  it.each(['', 'x', `${key}0`, key.slice(1), key.toUpperCase(), '\u0000', 'é'.repeat(100)])(
    'refuses %j',
    async (wrong) => {
      const { server } = start();
      const response = await login(server, wrong);
      expect(response.statusCode).toBe(401);
      expect(response.body).toContain('That key is wrong');
      expect(response.headers['set-cookie']).toBeUndefined();
    },
  );

  it.each([['Bearer x'], ['Basic !!!'], ['Basic '], [`Digest ${key}`], [key], ['Bearer']])(
    'refuses the header %j',
    async (authorization) => {
      const { server } = start();
      const response = await server.inject({ url: '/api/run', headers: { authorization } });
      expect(response.statusCode).toBe(401);
    },
  );

  it.each([
    [
      'header',
      (server: ReturnType<typeof start>['server']) =>
        server.inject({ url: '/api/run', headers: basic('x') }),
    ],
    ['form', (server: ReturnType<typeof start>['server']) => login(server, 'x')],
  ])('answers 429 to guesses after ten in the %s, and never to the right key', async (_, guess) => {
    const { server } = start();
    for (let count = 0; count < 10; count += 1) {
      expect((await guess(server)).statusCode).toBe(401);
    }
    const limited = await guess(server);
    expect([
      limited.statusCode,
      limited.headers['retry-after'],
      limited.headers.connection,
    ]).toEqual([429, '60', 'close']);
    const elsewhere = { url: '/api/run', headers: basic('x'), remoteAddress: '192.0.2.9' };
    expect((await server.inject(elsewhere)).statusCode).toBe(401);
    expect((await server.inject({ url: '/api/run', headers: bearer })).statusCode).toBe(200);
    const cookie = String((await login(server, key)).headers['set-cookie']).split(';')[0] ?? '';
    expect((await server.inject({ url: '/', headers: { cookie } })).statusCode).toBe(200);
    const path = String(
      (await server.inject({ url: '/engine/x', headers: { cookie } })).headers.location,
    );
    expect((await server.inject(path)).statusCode).toBe(404);
  });

  it('still asks for the key after too many wrong ones', async () => {
    const { server } = start();
    for (let count = 0; count < 10; count += 1) await login(server, 'x');
    const page = await login(server, 'x');
    expect(page.statusCode).toBe(429);
    expect(page.body).toContain('Too many wrong keys');
    expect(page.body).toContain('method="post" action="/key">');
    const api = await server.inject({ url: '/api/run', headers: basic('x') });
    expect(api.json()).toMatchObject({ status: 429, title: 'Too many wrong keys' });
    expect((await server.inject('/')).statusCode).toBe(401);
  });

  it.each([
    ['a path that any page can ask for', { url: '/sandbox/x/1.png' }],
    ['a path of the right length', { url: `/sandbox/${'x'.repeat(43)}/1.png` }],
    ['a cookie of another instance', { url: '/', headers: { cookie: `onager=${'x'.repeat(43)}` } }],
    [
      'a form of another site',
      { method: 'POST', url: '/key', headers: { ...form, origin: 'http://evil.test' } } as const,
    ],
    ['no key at all', { url: '/' }],
  ])('does not count %s', async (_, request) => {
    const { server } = start();
    for (let count = 0; count < 12; count += 1) {
      const response = await server.inject(request);
      expect(response.statusCode).toBeOneOf([401, 403]);
      const isOurs = 'headers' in request && 'cookie' in request.headers;
      expect(response.headers['set-cookie'] !== undefined).toBe(isOurs);
    }
    expect((await login(server, 'x')).statusCode).toBe(401);
  });

  it('does not believe X-Forwarded-For', async () => {
    const { server } = start();
    const guess = (from: number) =>
      server.inject({ url: '/', headers: { ...basic('x'), 'x-forwarded-for': `10.0.0.${from}` } });
    for (let count = 0; count < 10; count += 1) await guess(count);
    expect((await guess(10)).statusCode).toBe(429);
  });
});

describe('while the key is not known yet', () => {
  it('asks people to wait, and reloads by itself', async () => {
    const { server, world } = start();
    world.access = undefined;
    const page = await server.inject('/');
    expect([page.statusCode, page.headers['retry-after']]).toEqual([503, '2']);
    expect(page.body).toContain('http-equiv="refresh"');
    expect(page.body).toContain('instance metadata service');
    const api = await server.inject({ url: '/api/run', headers: bearer });
    expect([api.statusCode, api.json().status]).toEqual([503, 503]);
    expect((await login(server, '')).statusCode).toBe(503);
  });
});

describe('where everybody may look', () => {
  it('asks for no key', async () => {
    const { server, world } = start();
    world.access = { kind: 'public' };
    expect((await server.inject('/')).statusCode).toBe(200);
    expect((await server.inject({ url: '/', headers: basic('x') })).statusCode).toBe(200);
  });
});

describe('requests of other sites', () => {
  it.each([
    [{ origin: 'http://evil.test', host: 'localhost' }],
    [{ origin: 'null', host: 'localhost' }],
    [{ origin: 'http://localhost:81', host: 'localhost' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('cannot stop the load: %j', async (headers) => {
    const { server, world } = start();
    world.access = { kind: 'public' };
    const response = await server.inject({ method: 'POST', url: '/api/stop', headers });
    expect([response.statusCode, world.stops]).toEqual([403, 0]);
  });

  it.each([
    [{}],
    [{ origin: 'http://localhost:81', host: 'localhost:81', 'sec-fetch-site': 'same-origin' }],
  ])('do not look like those of the page or of a tool: %j', async (headers) => {
    const { server, world } = start();
    const request = {
      method: 'POST',
      url: '/api/stop',
      headers: { ...bearer, ...headers },
    } as const;
    expect((await server.inject(request)).statusCode).toBe(202);
    expect((await server.inject(request)).statusCode).toBe(202);
    expect(world.stops).toBe(2);
  });
});

describe('createRateLimit', () => {
  it('forgets after its window', () => {
    let nowMs = 0;
    const wrongKeys = createRateLimit({ nowMs: () => nowMs });
    for (let count = 0; count < 10; count += 1) expect(wrongKeys.count('192.0.2.1')).toBe(true);
    nowMs = 59_999;
    expect(wrongKeys.count('192.0.2.1')).toBe(false);
    nowMs = 60_000;
    expect(wrongKeys.count('192.0.2.1')).toBe(true);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
    ['192.0.2.1', '192.0.2.2', false],
  ])('counts %s and %s as one: %s', (one, other, same) => {
    const wrongKeys = createRateLimit({ limit: 1 });
    wrongKeys.count(one);
    expect(wrongKeys.count(other)).toBe(!same);
  });

  it('keeps a bounded number of addresses', () => {
    const wrongKeys = createRateLimit({ limit: 1 });
    wrongKeys.count('first');
    for (let count = 0; count < 5_000; count += 1) wrongKeys.count(`address ${count}`);
    expect(wrongKeys.count('first')).toBe(true);
    expect(wrongKeys.count('address 4999')).toBe(false);
  });
});
