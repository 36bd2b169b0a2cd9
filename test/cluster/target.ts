/** What is fired at: an HTTP server that numbers the requests it answers, by who sent them. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export type ClusterTarget = AsyncDisposable &
  Readonly<{
    host: string;
    port: number;
    /** Requests answered, each with its number in the header `x-number`. */
    answered(): number;
    /** By the sender's address. */
    answeredTo: ReadonlyMap<string, number>;
    /** When the first request came (Unix time, ms), by the sender's address. */
    firstAt: ReadonlyMap<string, number>;
  }>;

/** Answers come after so many milliseconds, in turn: durations are of many sizes. */
const delaysMs = [0, 1, 0, 3, 0, 8, 2, 25];

export async function startClusterTarget(host: string): Promise<ClusterTarget> {
  const answeredTo = new Map<string, number>();
  const firstAt = new Map<string, number>();
  let answered = 0;
  let asked = 0;
  const server = createServer(async (request, response) => {
    const from = request.socket.remoteAddress ?? '';
    if (!firstAt.has(from)) firstAt.set(from, Date.now());
    asked += 1;
    await delay(delaysMs[asked % delaysMs.length]);
    answered += 1;
    answeredTo.set(from, (answeredTo.get(from) ?? 0) + 1);
    response.setHeader('x-number', `${answered}`);
    response.end('hello');
  });
  // Tsung sends again what it sent just as a connection was closed: then nothing would be certain.
  server.keepAliveTimeout = 0;
  server.listen(80, host);
  await once(server, 'listening');
  return {
    host,
    port: 80,
    answered: () => answered,
    answeredTo,
    firstAt,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
