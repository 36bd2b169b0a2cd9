/** A target whose requests carry numbers: it knows exactly which have come. */

import { createServer } from 'node:http';
import { Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { portOf } from './tsung-run.ts';

/** What each user asks for; `subst="true"`, inside a loop over `i`. */
export const numberedPath = '/n/%%_tsung_userid%%/%%_i%%';

export type NumberedTarget = AsyncDisposable &
  Readonly<{
    port: number;
    /** Requests that have come, each once; `again`: those that came a second time. */
    arrived(): number;
    again(): number;
    /** Resolves when more than `count` have come. */
    more(count: number): Promise<void>;
    /** When each answer was handed to the network, Unix time in milliseconds. */
    answeredAt: readonly number[];
    /** Resolves when nobody is connected any more, so that nothing more can come. */
    left(): Promise<void>;
    /** From here on takes no connection, and closes each at its next request. */
    die(): void;
  }>;

/** `fails`: this request is answered with a 500. */
export async function numberedTarget({
  delayMs = 20,
  fails,
}: Readonly<{ delayMs?: number; fails?: string }> = {}): Promise<NumberedTarget> {
  const seen = new Set<string>();
  const open = new Set<Socket>();
  const answeredAt: number[] = [];
  let again = 0;
  let isDying = false;
  let gone = Promise.withResolvers<void>();
  const waiting: Readonly<{ count: number; resolve: () => void }>[] = [];
  const server = createServer(async (request, response) => {
    const { url = '' } = request;
    if (seen.has(url)) again += 1;
    seen.add(url);
    for (const { count, resolve } of waiting) if (seen.size > count) resolve();
    if (isDying) {
      request.socket.destroy();
      return;
    }
    if (delayMs > 0) await delay(delayMs);
    response.statusCode = url === fails ? 500 : 200;
    response.end('hello', () => answeredAt.push(Date.now()));
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      if (open.size === 0) gone.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.address()),
    arrived: () => seen.size,
    again: () => again,
    more: (count) => new Promise((resolve) => waiting.push({ count, resolve })),
    answeredAt,
    async left() {
      gone = Promise.withResolvers();
      if (open.size > 0) await gone.promise;
    },
    die() {
      isDying = true;
      // Without what HTTP does besides: closing connections on which a request may be on its way.
      Server.prototype.close.call(server);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
