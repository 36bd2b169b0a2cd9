/**
 * The server in a crowd: well-behaved clients get answers, and the cost of the others is bounded.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { listen } from '../../../src/web/listen.ts';
import type { ServerOptions } from '../../../src/web/server.ts';
import { bearer, outcome, start, summary } from '../../unit/web/setup.ts';

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

/** On a connection of its own. */
async function status(port: number, path: string, headers = {}): Promise<number> {
  const answered = Promise.withResolvers<number>();
  get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
    response.resume().on('end', () => answered.resolve(response.statusCode ?? 0));
  }).on('error', answered.reject);
  return answered.promise;
}

type Client = Readonly<{ socket: Socket; text(): string; ended: Promise<unknown> }>;

async function client(port: number, says = '', from = '127.0.0.1'): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => {});
  closers.push(() => socket.destroy());
  let text = '';
  socket.on('data', (data) => {
    text += data;
  });
  const ended = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(says);
  return { socket, text: () => text, ended };
}

/** Sends a request on a connection that stays open, and waits for the whole answer. */
async function ask({ socket, text }: Client, path: string, headers = ''): Promise<void> {
  const before = text().length;
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  await expect.poll(() => text().slice(before)).toMatch(/^HTTP\/1.1 200 .*\r\n\r\n./s);
}

const authorization = `Authorization: ${bearer.authorization}\r\n`;
const slowBody = 'POST /key HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nkey=';

async function attack(port: number, kind: string, addresses: number): Promise<void> {
  const attacker = join(import.meta.dirname, '../../support/page-attacker.ts');
  const child = fork(attacker, [String(port), kind, '600', '100', String(addresses)]);
  closers.push(() => child.kill('SIGKILL'));
  expect(await once(child, 'message')).toEqual(['held', undefined]);
}

async function expectAnswers(port: number): Promise<void> {
  for (let count = 0; count < 10; count += 1) {
    expect(await status(port, '/healthz')).toBe(200);
    expect(await status(port, '/api/run', bearer)).toBe(200);
  }
}

describe('a good client is answered', () => {
  it.each([
    'silence',
    'slow headers',
    'slow bodies',
    'bodies nobody asked for',
    'idle connections',
    'upgrades',
    'readers that never read',
    'heads without end',
    'pipelining',
    'pipelining without a host',
    'pipelining in HTTP/1.0',
    'pipelining expectations',
    'pipelining event streams',
  ])('while 600 connections are held by %s', async (kind) => {
    const { port } = await serve();
    await attack(port, kind, 1);
    await expectAnswers(port);
  });

  it('while 600 other requests are in the middle of their bodies', async () => {
    const { port, server } = await serve();
    for (let count = 0; count < 600; count += 1) {
      const begun = once(server.server, 'request');
      await client(port, slowBody);
      await begun;
    }
    await expectAnswers(port);
  });

  it.each([1, 250])(
    'while twice as many as fit in come again and again from %i addresses',
    async (addresses) => {
      const { port } = await serve({ connections: { strangers: 300 } });
      await attack(port, 'slow bodies', addresses);
      await expectAnswers(port);
    },
  );
});

describe('where there are too many connections', () => {
  it.each([
    ['in its headers', 'GET / HTTP/1.1\r\nX-'],
    ['in its body', slowBody],
    ['with nothing said', ''],
  ])('the one that has waited longest gives way: %s', async (_, says) => {
    const { port } = await serve({ connections: { strangers: 2 } });
    const first = await client(port, says);
    const second = await client(port);
    await ask(second, '/healthz');
    const third = await client(port);
    await first.ended;
    await ask(second, '/healthz');
    await ask(third, '/healthz');
  });

  it('a finished reply makes a connection count as new', async () => {
    const { port } = await serve({ connections: { strangers: 2 } });
    const first = await client(port);
    const second = await client(port, slowBody);
    await ask(first, '/healthz');
    await client(port);
    await second.ended;
    await ask(first, '/healthz');
  });

  it('those that have shown the key stay', async () => {
    const { port } = await serve({ connections: { strangers: 2 } });
    const good = await client(port);
    await ask(good, '/api/run', authorization);
    const others = [await client(port), await client(port), await client(port)];
    await others[0]?.ended;
    await ask(good, '/api/run', authorization);
  });

  it('one address cannot crowd out another', async () => {
    const { port } = await serve({ connections: { strangers: 4 } });
    const good = await client(port, '', '127.0.0.2');
    const others: Client[] = [];
    for (let count = 0; count < 8; count += 1) others.push(await client(port));
    await Promise.all(others.slice(0, 5).map(({ ended }) => ended));
    await ask(good, '/healthz');
  });

  it('of those that have shown the key, an idle one is ended before a stream', async () => {
    const { port, setState, world } = await serve({ connections: { known: 2 } });
    const viewer = await client(port);
    await ask(viewer, '/api/events', authorization);
    const idle = await client(port);
    await ask(idle, '/api/run', authorization);
    await ask(await client(port), '/api/run', authorization);
    await idle.ended;
    setState({ ...world.state, phase: 'reporting', outcome });
    await expect.poll(viewer.text).toContain('"phase":"reporting"');
  });
});

describe('requests that are sent without waiting for the answers', () => {
  it('are answered up to the fourth, and then the connection is ended', async () => {
    const { port, server } = await serve({ timeouts: { headersMs: 100, checkMs: 20 } });
    let asked = 0;
    server.server.on('request', () => {
      asked += 1;
    });
    const { text, ended } = await client(
      port,
      'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_000),
    );
    await ended;
    expect(text().match(/HTTP\/1.1 200/g)).toHaveLength(4);
    expect(asked).toBe(4);
  });

  it('are all answered where they are few', async () => {
    const { port } = await serve();
    const few = await client(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4));
    await expect.poll(() => few.text().match(/HTTP\/1.1 200/g)).toHaveLength(4);
    await ask(few, '/healthz');
  });
});

describe('answers that are not read', () => {
  const mebibyte = 1024 ** 2;
  const long = { ...summary, onager: 'x'.repeat(16 * mebibyte) };
  const demand = `GET /api/summary HTTP/1.1\r\nHost: x\r\n${authorization}\r\n`;

  /** The client does not read, and is not told that the connection has ended: the server is. */
  async function unread(
    port: number,
    server: Awaited<ReturnType<typeof serve>>['server'],
    demands = 1,
  ) {
    const accepted = once(server.server, 'connection');
    const { socket, text } = await client(port);
    socket.pause();
    const [served] = await accepted;
    socket.write(demand.repeat(demands));
    return { ended: once(served, 'close'), served, socket, text };
  }

  const narrow = {
    timeouts: { checkMs: 1, idleMs: 600_000 },
    connections: { waitingBytes: mebibyte },
  };

  it('end the connection where more of them wait behind the first', async () => {
    const { port, server, world } = await serve(narrow);
    world.summary = long;
    const { ended } = await unread(port, server, 2);
    await ended;
  });

  it('end nothing where it is a single one, however long it is: a line may be slow', async () => {
    const { port, server, world } = await serve(narrow);
    world.summary = long;
    const { served, socket, text } = await unread(port, server);
    await expect.poll(() => served.writableLength).toBeGreaterThan(mebibyte);
    const good = await client(port);
    for (let count = 0; count < 50; count += 1) await ask(good, '/healthz');
    socket.resume();
    await expect.poll(() => text().length, { timeout: 60_000 }).toBeGreaterThan(16 * mebibyte);
  });

  it('end the fewest connections where too many bytes wait in all', async () => {
    const { port, server, world } = await serve({
      timeouts: { checkMs: 20 },
      connections: { waitingBytes: 100 * mebibyte, allWaitingBytes: 20 * mebibyte },
    });
    world.summary = long;
    const first = await unread(port, server);
    const second = await unread(port, server);
    await Promise.race([first.ended, second.ended]);
    expect([first.served.destroyed, second.served.destroyed].toSorted()).toEqual([false, true]);
  });
});

describe('a process that may have few files open', () => {
  it('keeps some for viewers with the key, and for files', async () => {
    const program = join(import.meta.dirname, '../../support/page-crowd-server.ts');
    const args = ['-c', 'ulimit -n 256; exec "$0" "$1"', process.execPath, program];
    const child = spawn('sh', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    closers.push(() => child.kill('SIGKILL'));
    const port = Number(String((await once(child.stdout, 'data'))[0]));
    const clients = await Promise.all(Array.from({ length: 300 }, () => client(port)));
    expect(await status(port, '/api/run', bearer)).toBe(200);
    const open = await readdir(`/proc/${child.pid}/fd`);
    expect(open.length).toBeLessThan(192);
    expect(clients).toHaveLength(300);
  });
});
