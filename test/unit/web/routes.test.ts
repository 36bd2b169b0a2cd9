/** What each address answers. */
import { createHash } from 'node:crypto';
import { link, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import type { Stage } from '../../../src/run/state.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { hostileNames } from './hostile-names.ts';
import { bearer, outcome, pageHtml, runState, type Started, start, summary } from './setup.ts';

let dir: string;
let started: Started;
beforeEach(async () => {
  dir = await temporaryFolder('web');
  started = start();
});
afterEach(async () => {
  await started.server.close();
});

const get = (url: string, headers = {}) =>
  started.server.inject({ url, headers: { ...bearer, ...headers } });

async function publish(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, content] of Object.entries(files)) {
    const path = join(dir, `disk-${key.replaceAll('/', '_')}`);
    await writeFile(path, content);
    started.world.files.push({ key, path, bytes: Buffer.byteLength(content) });
  }
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

describe('the page', () => {
  it('may run its own scripts and styles, and nothing else', async () => {
    const response = await get('/');
    expect([response.statusCode, response.body]).toEqual([200, pageHtml]);
    const policy = String(response.headers['content-security-policy']);
    expect(policy).toContain(`script-src ${hash('go()')} ${hash('more()')};`);
    // As the browser's parser sees it.
    expect(policy).toContain(`style-src ${hash('\nbody{}')};`);
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toContain('unsafe');
  });

  it('comes compressed to who can read that', async () => {
    const response = await get('/', { 'accept-encoding': 'gzip, br' });
    expect(response.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(response.rawPayload).toString()).toBe(pageHtml);
  });
});

it.each(['/', '/api/run', '/metrics', '/files', '/healthz', '/nothing', '/%ff'])(
  'sends the protecting headers with %s',
  async (url) => {
    const { headers } = await get(url);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(/^default-src 'none'/),
    });
  },
);

describe('/api', () => {
  it('returns the state of the run', async () => {
    expect((await get('/api/run')).json()).toEqual(runState);
  });

  it('returns the summary once there is one, created once until it changes', async () => {
    expect((await get('/api/summary')).statusCode).toBe(404);
    started.world.summary = summary;
    expect((await get('/api/summary')).json()).toEqual(summary);
    const { asked } = started.world;
    await get('/api/summary');
    expect(started.world.asked).toBe(asked);
    started.world.summary = { ...summary, final: true };
    started.tell({ type: 'summary' });
    expect((await get('/api/summary')).json().final).toBe(true);
  });
});

describe('/metrics', () => {
  it('speaks Prometheus, and escapes what others named', async () => {
    started.world.summary = summary;
    const { body, headers } = await get('/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('\nonager_requests_total 4000\n');
    expect(body).toContain('\nonager_requests_failed_total 40\n');
    expect(body).toContain('\nonager_users 3\n');
    expect(body).toContain('\nonager_generator_cpu_percent 25\n');
    expect(body).toContain('\nonager_generator_delay_seconds{quantile="0.99"} 0.0025\n');
    expect(body).toContain('\nonager_generator_delay_seconds_sum 0.03\n');
    expect(body).toContain('\nonager_generator_delay_seconds_count 200\n');
    expect(body).toContain('\nonager_generator_verdict{verdict="valid"} 1\n');
    expect(body).toContain('\nonager_generator_verdict{verdict="strained"} 0\n');
    expect(body).toContain('\nonager_latency_seconds{quantile="0.95"} 0.03\n');
    expect(body).toContain('\nonager_latency_seconds_sum 50\n');
    expect(body).toContain('\nonager_phase{phase="running"} 1\n');
    expect(body).toContain('\nonager_phase{phase="failed"} 0\n');
    expect(body).toContain('\nonager_errors_total{kind="a \\"b\\"\\\\c\\nd"} 2\n');
    for (const line of body.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) onager_\w+ .+|onager_\w+(\{.+\})? [\d.e+-]+)$/);
    }
  });

  it('gives no current values once the run is over', async () => {
    started.world.summary = { ...summary, final: true };
    const { body } = await get('/metrics');
    expect(body).toContain('\nonager_requests_total 4000\n');
    expect(body).not.toMatch(/onager_users |onager_generator_cpu_percent/);
  });

  it('leaves out what is not known', async () => {
    const { latency: _, ...without } = summary;
    started.world.summary = { ...without, generator: { verdict: 'valid', reasons: [] } };
    expect((await get('/metrics')).body).not.toMatch(/latency|delay/);
    started.world.summary = undefined;
    expect((await get('/metrics')).body).not.toContain('requests');
  });
});

describe('files', () => {
  it('are listed with their addresses', async () => {
    await publish({ 'logs/a b#?.log': 'x' });
    expect((await get('/files')).json()).toEqual([
      { key: 'logs/a b#?.log', bytes: 1, href: '/files/logs/a%20b%23%3F.log' },
    ]);
    expect((await get('/files/logs/a%20b%23%3F.log')).body).toBe('x');
  });

  it.each([
    ['summary.json', 'application/json', false],
    ['logs/agent.log', 'text/plain; charset=utf-8', false],
    ['junit.xml', 'text/plain; charset=utf-8', false],
    ['report.html', 'application/octet-stream', true],
    ['report/native/x.svg', 'application/octet-stream', true],
    ['scenario.zip', 'application/octet-stream', true],
    ['no-extension', 'application/octet-stream', true],
  ])('sends %s as %s', async (key, type, isDownload) => {
    await publish({ [key]: '<script>' });
    const { headers } = await get(`/files/${key}`);
    expect(headers['content-type']).toBe(type);
    expect('content-disposition' in headers).toBe(isDownload);
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  it.each([
    ['bytes=0-2', 206, '012', 'bytes 0-2/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-30', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=5-2', 200, '0123456789', undefined],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['bytes=-', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
  ])('answer the range %s with %i', async (range, status, body, contentRange) => {
    await publish({ 'a.log': '0123456789' });
    const response = await get('/files/a.log', { range });
    expect([response.statusCode, response.body]).toEqual([status, body]);
    expect(response.headers['content-range']).toBe(contentRange);
  });

  it('are described without their content to HEAD', async () => {
    await publish({ 'a.log': '0123456789' });
    const response = await started.server.inject({
      method: 'HEAD',
      url: '/files/a.log',
      headers: bearer,
    });
    expect([response.statusCode, response.headers['content-length'], response.body]).toEqual([
      200,
      '10',
      '',
    ]);
  });

  it('are sent as they are now, and may be empty', async () => {
    await publish({ 'a.log': '', 'b.log': 'old' });
    await writeFile(started.world.files[1]?.path ?? '', 'newer');
    expect((await get('/files/a.log')).body).toBe('');
    expect((await get('/files/b.log')).body).toBe('newer');
  });

  it('are not there where they were listed and have gone, or were replaced by a link or a folder', async () => {
    const path = join(dir, 'there');
    started.world.files.push({ key: 'a', path, bytes: 1 });
    expect((await get('/files/a')).statusCode).toBe(404);
    await symlink('/etc/passwd', path);
    expect((await get('/files/a')).statusCode).toBe(404);
    await rm(path);
    await mkdir(path);
    expect((await get('/files/a')).statusCode).toBe(404);
  });

  it('are not there behind a folder that has become a link, or under a second name of another file', async () => {
    await mkdir(join(dir, 'private'));
    await writeFile(join(dir, 'private', 'rows'), 'the secret');
    await symlink(join(dir, 'private'), join(dir, 'sub'));
    await link(join(dir, 'private', 'rows'), join(dir, 'second'));
    started.world.files.push({ key: 'a', path: join(dir, 'sub', 'rows'), bytes: 10 });
    started.world.files.push({ key: 'b', path: join(dir, 'second'), bytes: 10 });
    expect((await get('/files/a')).statusCode).toBe(404);
    expect((await get('/files/b')).statusCode).toBe(404);
    const zip = await get('/files.zip').catch((error: unknown) => ({ body: String(error) }));
    expect(zip.body).not.toContain('the secret');
  });
});

describe('names that try to leave the list', () => {
  const bases = ['/files/', '/engine/', '/sandbox/PASS/', '/report.html/', '//files/', '/files//'];

  it.each(bases)('reach nothing below %s', async (base) => {
    await publish({ 'a.log': 'listed' });
    await writeFile(join(dir, 'secret'), 'the secret');
    const redirect = await get('/engine/x');
    const [, , pass = ''] = String(redirect.headers.location).split('/');
    for (const name of hostileNames) {
      const response = await get(base.replace('PASS', pass) + name);
      expect([name, response.statusCode]).toEqual([
        name,
        expect.toSatisfy((status: number) => [303, 400, 404, 414].includes(status)),
      ]);
      if (response.statusCode === 303) {
        const followed = await get(String(response.headers.location));
        expect([name, followed.statusCode]).toEqual([name, 404]);
      }
      expect(response.body).not.toContain('listed');
      expect(response.body).not.toContain('secret');
    }
  });

  it('are refused without a key when they cannot even be decoded, and without a hint', async () => {
    const response = await started.server.inject('/files/%zz');
    expect(response.statusCode).toBe(400);
    expect(response.body).not.toContain('zz');
  });
});

describe('/files.zip', () => {
  it.each<Stage>([{ phase: 'running' }, { phase: 'finished', outcome }])(
    'holds every file while $phase',
    async (stage) => {
      started.setState({ ...runState, ...stage });
      await publish({
        'a.log': 'one',
        'report/native/x.html': '',
        'dir/ü.txt': 'two'.repeat(10_000),
      });
      const response = await get('/files.zip');
      expect(response.headers['content-disposition']).toBe(
        `attachment; filename="${runState.runId}.zip"`,
      );
      const names: string[] = [];
      const zip = await fromBufferPromise(response.rawPayload);
      for await (const entry of zip.eachEntry()) names.push(entry.fileName);
      expect(names).toEqual(['a.log', 'report/native/x.html', 'dir/ü.txt']);
      expect(response.rawPayload.length < 10_000).toBe(stage.phase === 'finished');
    },
  );

  it('is broken off when a file has gone', async () => {
    await publish({ 'a.log': 'one' });
    started.world.files.push({ key: 'gone', path: join(dir, 'gone'), bytes: 1 });
    await expect(get('/files.zip')).rejects.toThrow();
  });

  it('can be asked for again and again', async () => {
    await publish({ 'a.log': 'one' });
    for (let count = 0; count < 5; count += 1) {
      expect((await get('/files.zip')).statusCode).toBe(200);
    }
  });

  it('is refused to the third who asks before the files are listed', async () => {
    const listed = Promise.withResolvers<[]>();
    const { server } = start({ files: { list: () => listed.promise } });
    const ask = () => server.inject({ url: '/files.zip', headers: bearer });
    const asked = [ask(), ask(), ask()];
    expect((await Promise.race(asked)).statusCode).toBe(503);
    listed.resolve([]);
    const codes = (await Promise.all(asked)).map(({ statusCode }) => statusCode);
    expect(codes.sort()).toEqual([200, 200, 503]);
    await server.close();
  });

  it('can be asked for again after the files could not be listed', async () => {
    let broken = true;
    const list = async () => {
      if (broken) throw new Error('no list');
      return [];
    };
    const { server } = start({ files: { list } });
    const ask = () => server.inject({ url: '/files.zip', headers: bearer });
    for (let count = 0; count < 3; count += 1) expect((await ask()).statusCode).toBe(500);
    broken = false;
    expect((await ask()).statusCode).toBe(200);
    await server.close();
  });
});

describe('reports', () => {
  it('are announced before they are there', async () => {
    const report = await get('/report.html');
    expect(report.statusCode).toBe(404);
    expect(report.body).toContain('no report yet');
    expect((await get('/engine/')).statusCode).toBe(404);
  });

  it('are served as pages', async () => {
    await publish({ 'report.html': '<p>report' });
    const response = await get('/report.html');
    expect([response.body, response.headers['content-type']]).toEqual([
      '<p>report',
      'text/html; charset=utf-8',
    ]);
    expect(response.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(response.headers['content-disposition']).toBeUndefined();
  });

  it('of the engine are served in a sandbox, to who comes with the pass in the path', async () => {
    await publish({ 'report/native/report.html': '<p>native', 'report/native/csv/a b.csv': '1,2' });
    started.setState({ ...runState, nativeReport: 'report.html' });
    const first = await get('/engine/');
    expect(first.statusCode).toBe(303);
    const page = await started.server.inject(String(first.headers.location));
    expect([page.statusCode, page.body]).toEqual([200, '<p>native']);
    expect(page.headers['content-security-policy']).toMatch(
      /^sandbox allow-scripts; default-src 'none'; /,
    );
    const base = String(first.headers.location).replace('report.html', '');
    const csv = await started.server.inject(`${base}csv/a%20b.csv`);
    expect([csv.body, csv.headers['access-control-allow-origin']]).toEqual(['1,2', '*']);
    expect((await get('/engine/csv/a%20b.csv')).headers.location).toBe(`${base}csv/a%20b.csv`);
  });

  it('of the engine give away with their pass nothing but themselves', async () => {
    await publish({ 'report/native/report.html': 'x', 'run.json': '{}' });
    const [, , pass = ''] = String((await get('/engine/report.html')).headers.location).split('/');
    for (const headers of [{ cookie: `onager=${pass}` }, { authorization: `Bearer ${pass}` }]) {
      expect((await started.server.inject({ url: '/files/run.json', headers })).statusCode).toBe(
        401,
      );
    }
    expect((await started.server.inject(`/sandbox/${pass}/../../run.json`)).statusCode).not.toBe(
      200,
    );
  });
});

describe('what a tool sends along with a request that needs nothing', () => {
  it.each([
    ['JSON', { 'content-type': 'application/json' }, '{}'],
    ['broken JSON', { 'content-type': 'application/json' }, '{'],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'a=b'],
    ['bytes of no type', {}, 'x'],
    ['a type and no body', { 'content-type': 'application/json' }, ''],
  ])('is ignored: %s', async (_, headers, payload) => {
    const post = (url: string) =>
      started.server.inject({ method: 'POST', url, headers: { ...bearer, ...headers }, payload });
    expect((await post('/api/stop')).statusCode).toBe(202);
    expect((await post('/api/extend')).statusCode).toBe(200);
    expect(started.world.stops).toBe(1);
  });
});

describe('a request to end the load', () => {
  const engine = {
    ...{ name: 'tsung', version: '1.7.0', runtime: '', loadPhases: [], targets: [], changes: [] },
    sampling: { requests: 'each' },
    startedAt: '2026-01-01T00:00:00.000Z',
  } as const;

  it.each([
    [
      'that has ended',
      { ...runState, phase: 'finished', outcome: { kind: 'complete' }, engine },
      'The load has ended already.',
    ],
    [
      'that never was',
      { ...runState, phase: 'idle' },
      'There is no load to end: none was started, and none will be.',
    ],
  ] as const)('%s is refused in words', async (_, state, detail) => {
    started.world.hasLoad = false;
    started.world.state = state;
    const url = '/api/stop';
    const response = await started.server.inject({ method: 'POST', url, headers: bearer });
    expect(response.json()).toEqual({ status: 409, title: 'No load', detail });
  });
});

describe('anything else', () => {
  it.each([
    ['GET', '/nothing', 404],
    ['GET', '/api', 404],
    ['GET', '/api/stop', 404],
    ['HEAD', '/', 200],
    ['POST', '/', 405],
    ['PUT', '/api/run', 405],
    ['DELETE', '/files/a.log', 405],
    ['PATCH', '/api/stop', 405],
    ['OPTIONS', '/', 405],
    ['GET', '/key', 303],
  ] as const)('is answered in words: %s %s', async (method, url, status) => {
    const response = await started.server.inject({ method, url, headers: bearer });
    expect(response.statusCode).toBe(status);
    if (status >= 400)
      expect(response.body).toMatch(/nothing at this address|does not support that method/);
  });

  it.each([
    ['a body of another type', { 'content-type': 'application/json' }, '{"key":"x"}'],
    [
      'a body that is too large',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'x'.repeat(1_025),
    ],
  ])('is refused: %s', async (_, headers, payload) => {
    const response = await started.server.inject({ method: 'POST', url: '/key', headers, payload });
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    expect(response.statusCode).toBeLessThan(500);
    expect(response.headers['content-type']).toContain('text/html');
  });

  it('is answered with 500 only if it is our fault, and then without details', async () => {
    await started.server.close();
    started = start({ files: { list: () => Promise.reject(new Error('/secret/path')) } });
    const response = await get('/files');
    expect([response.statusCode, response.json().status]).toEqual([500, 500]);
    expect(response.body).not.toContain('secret');
  });
});

it('stops listening to the run when it is closed', async () => {
  expect(started.listeners()).toBe(2);
  await started.server.close();
  expect(started.listeners()).toBe(0);
});
