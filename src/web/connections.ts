/** Keeps connections that say nothing from crowding out those that ask something. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** At most `limit` connections wait for a request to come: the one that has waited longest gives way to a new one. */
export function limitWaiting(server: Server, limit: number): void {
  const waiting = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    const [longest] = waiting;
    if (waiting.size >= limit && longest !== undefined) longest.destroy();
    waiting.add(socket);
    socket.on('close', () => waiting.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    waiting.delete(socket);
    response.on('close', () => {
      if (!socket.destroyed) waiting.add(socket);
    });
  });
}
