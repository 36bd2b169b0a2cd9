/**
 * A small shop as the target of a rehearsal: some routes are slow, one fails sometimes; it
 * counts what it serves.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How a route answers: after `delayMs` plus up to `jitterMs`, with `bytes` of body; every
 * `failEvery`-th time with 503. `token`: it gives one out, or answers 401 without one.
 */
type TargetRoute = Readonly<{
  delayMs: number;
  jitterMs: number;
  bytes: number;
  failEvery?: number;
  token?: 'given' | 'needed';
}>;

const routes: Readonly<Record<string, TargetRoute>> = {
  'GET /': { delayMs: 8, jitterMs: 10, bytes: 9_000 },
  'GET /assets/shop.css': { delayMs: 1, jitterMs: 2, bytes: 14_000 },
  'GET /assets/shop.js': { delayMs: 1, jitterMs: 2, bytes: 31_000 },
  'GET /category/boots': { delayMs: 15, jitterMs: 20, bytes: 12_000 },
  'GET /search': { delayMs: 90, jitterMs: 220, bytes: 6_000 },
  'GET /product/17': { delayMs: 12, jitterMs: 15, bytes: 8_000 },
  'GET /login': { delayMs: 6, jitterMs: 6, bytes: 2_000 },
  'POST /login': { delayMs: 60, jitterMs: 50, bytes: 300 },
  'POST /cart': { delayMs: 20, jitterMs: 20, bytes: 200 },
  'POST /checkout': { delayMs: 120, jitterMs: 160, bytes: 900, failEvery: 25 },
  'POST /api/login': { delayMs: 40, jitterMs: 30, bytes: 0, token: 'given' },
  'GET /api/orders': { delayMs: 10, jitterMs: 10, bytes: 2_000, token: 'needed' },
  'POST /api/orders': { delayMs: 25, jitterMs: 25, bytes: 200, token: 'needed' },
};

export type Target = Readonly<{
  host: string;
  port: number;
  /** Requests answered in full so far. */
  served(): number;
  close(): Promise<void>;
}>;

/** Starts the shop on a free port of the loopback. */
export async function startTarget(): Promise<Target> {
  const counts = new Map<string, number>();
  const tokens = new Set<string>();
  let served = 0;
  const server = createServer((request, response) => {
    const name = routeName(request);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    response.on('finish', () => {
      served += 1;
    });
    answer(response, routes[name], { count, tokens, request });
  });
  server.keepAliveTimeout = 30_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: '127.0.0.1',
    port,
    served: () => served,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function routeName(request: IncomingMessage): string {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  request.resume();
  return `${request.method ?? 'GET'} ${path}`;
}

type Visit = Readonly<{ request: IncomingMessage; count: number; tokens: Set<string> }>;

function answer(response: ServerResponse, route: TargetRoute | undefined, visit: Visit): void {
  if (route === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('no such page in this shop\n');
    return;
  }
  const { status, type, body } = contentOf(route, visit);
  setTimeout(
    () => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
      });
      response.end(body);
    },
    route.delayMs + Math.random() * route.jitterMs,
  );
}

type Content = Readonly<{ status: number; type: string; body: string }>;

function contentOf(route: TargetRoute, { request, count, tokens }: Visit): Content {
  const type = 'text/html; charset=utf-8';
  if (route.failEvery !== undefined && count % route.failEvery === 0) {
    return { status: 503, type, body: 'out of stock clerks\n' };
  }
  if (route.token === 'given') {
    const token = randomUUID();
    tokens.add(token);
    return { status: 200, type: 'application/json', body: JSON.stringify({ token }) };
  }
  const shown = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (route.token === 'needed' && !tokens.has(shown)) {
    return { status: 401, type, body: 'log in first\n' };
  }
  return { status: 200, type, body: 'x'.repeat(route.bytes) };
}
