/**
 * The server against clients that are slow, numerous or hostile, and on a socket that systemd
 * opened.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { get, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { listen, socketOf } from '../../../src/web/listen.ts';
import type { ServerOptions } from '../../../src/web/server.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { dottedNames, hostileNames } from '../../unit/web/hostile-names.ts';
import { bearer, start } from '../../unit/web/setup.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: Partial<ServerOptions> = {}) {
  const started = start(options);
  const url = await listen(started.server, { host: '127.0.0.1', port: 0 });
  closers.push(() => started.server.close());
  return { ...started, url, port: Number(new URL(url).port) };
}

/** A connection that sends `text` and nothing more. */
function say(port: number, text: string): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(text)).on('error', () => {});
  closers.push(() => socket.destroy());
  return socket;
}

async function answerTo(port: number, text: string): Promise<string> {
  const socket = say(port, text);
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  await once(socket, 'close');
  return answer;
}

/** Sends the path unchanged. */
async function status(port: number, path: string): Promise<readonly [number, string]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly [number, string]>();
  const options = { host: '127.0.0.1', port, path, headers: bearer, agent: false };
  request(options, (response) => {
    let body = '';
    response.on('data', (data) => {
      body += data;
    });
    response.on('end', () => resolve([response.statusCode ?? 0, body]));
  })
    .on('error', reject)
    .end();
  return promise;
}

describe('a client that is slow', () => {
  it('may take only so long over its headers', async () => {
    const { port } = await serve({ timeouts: { headersMs: 100, requestMs: 200, checkMs: 20 } });
    expect(await answerTo(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-')).toContain('408');
  });

  it('may take only so long over its body', async () => {
    const { port } = await serve({ timeouts: { headersMs: 100, requestMs: 200, checkMs: 20 } });
    const head =
      'POST /key HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\nk';
    expect(await answerTo(port, head)).toMatch(/^(HTTP\/1.1 408|$)/);
  });

  it('is disconnected when it sends nothing at all', async () => {
    const { port } = await serve({ timeouts: { headersMs: 100, idleMs: 100, checkMs: 20 } });
    expect(await answerTo(port, '')).toMatch(/^(HTTP\/1.1 408|$)/);
  });

  it('does not end an event stream that is older than all limits', async () => {
    const { url } = await serve({
      timeouts: { headersMs: 500, requestMs: 600, idleMs: 2_000, checkMs: 10 },
      events: { heartbeatMs: 50 },
    });
    let bytes = 0;
    const asked = get(`${url}/api/events`, { headers: bearer }, (response) => {
      response.on('data', (data) => {
        bytes += data.length;
      });
    });
    let closed = false;
    asked.on('close', () => {
      closed = true;
    });
    closers.push(() => asked.destroy());
    await expect
      .poll(() => bytes, { timeout: 60_000 })
      .toBeGreaterThan(60 * 'event: beat\ndata: {}\n\n'.length + 300);
    expect(closed).toBe(false);
  });
});

describe('a client that is hostile', () => {
  it.each([
    ['headers without an end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(10_000)}`, /^HTTP\/1.1 431/],
    ['no HTTP', '\x16\x03\x01\x02\x00\x01\r\n\r\n', /^HTTP\/1.1 400/],
    [
      'two lengths',
      'POST /key HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      /^HTTP\/1.1 400/,
    ],
    [
      'a length and chunks',
      'POST /key HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1.1 400/,
    ],
    ['no host', 'GET /api/run HTTP/1.1\r\n\r\n', /^HTTP\/1.1 400/],
    [
      'a whole address',
      'GET http://evil.test/files/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      /^HTTP\/1.1 40[014]/,
    ],
    ['a tunnel', 'CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n', /^(HTTP\/1.1 40\d|$)/],
  ])('is answered and let go: %s', async (_, text, expected) => {
    const { port } = await serve();
    expect(await answerTo(port, text)).toMatch(expected);
    expect(await status(port, '/healthz')).toEqual([200, 'ok\n']);
  });

  it('cannot reach a file by any name', async () => {
    const dir = await temporaryFolder('web');
    closers.push(() => rm(dir, { recursive: true }));
    const { port, world } = await serve();
    await writeFile(join(dir, 'a.log'), 'listed');
    await writeFile(join(dir, 'secret'), 'the secret');
    world.files.push({ key: 'a.log', path: join(dir, 'a.log'), bytes: 6 });
    expect(await status(port, '/files/a.log')).toEqual([200, 'listed']);
    const legal = [...hostileNames, ...dottedNames].filter((name) => /^[\x21-\x7e]*$/.test(name));
    for (const base of ['/files/', '/engine/', '/sandbox/x/', '/', '//', '/files//']) {
      for (const name of legal.filter((text) => !(base === '/' && text === ''))) {
        const [code, body] = await status(port, base + name);
        expect([base + name, code]).toEqual([
          base + name,
          expect.toSatisfy((value: number) => value >= 300 && value < 500),
        ]);
        expect(body).not.toMatch(/listed|the secret/);
      }
    }
  });
});

describe('sockets of systemd', () => {
  it.each([
    [{ LISTEN_FDS: '1', LISTEN_PID: '7' }, { fd: 3 }],
    [{ LISTEN_FDS: '2', LISTEN_PID: '7' }, { fd: 3 }],
    [{ LISTEN_FDS: '1', LISTEN_PID: '8' }, undefined],
    [{ LISTEN_FDS: '0', LISTEN_PID: '7' }, undefined],
    [{ LISTEN_FDS: '1' }, undefined],
    [{ LISTEN_PID: '7' }, undefined],
    [{}, undefined],
  ])('are used when they are meant for this process: %j', (env, expected) => {
    expect(socketOf(env, 7)).toEqual(expected);
  });

  it('are listened on', async () => {
    const port = await freePort();
    const script = [
      "import { start } from './test/unit/web/setup.ts';",
      "import { listen, socketOf } from './src/web/listen.ts';",
      'await listen(start().server, socketOf(process.env, process.pid));',
    ].join('\n');
    const held = spawn(
      'systemd-socket-activate',
      ['-l', `127.0.0.1:${port}`, process.execPath, '--input-type=module', '-e', script],
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    );
    closers.push(() => held.pid !== undefined && held.exitCode === null && process.kill(-held.pid));
    await once(held.stderr, 'data');
    // The socket exists before the server does: the first request starts the server, and waits for
    // it.
    expect(await status(port, '/healthz')).toEqual([200, 'ok\n']);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
