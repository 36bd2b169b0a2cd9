/** What the machine fires at: it answers at once and remembers every request. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Hit = Readonly<{ path: string; at: number; from: string | undefined }>;

export type Target = Readonly<{ port: number; hits: readonly Hit[]; close(): Promise<void> }>;

export async function startTarget(host = '127.0.0.1'): Promise<Target> {
  const hits: Hit[] = [];
  const server = createServer((request, response) => {
    hits.push({
      path: request.url ?? '',
      at: Date.now(),
      from: request.socket.remoteAddress,
    });
    request.resume();
    response.end('hit\n');
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    hits,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
