/** Stops reading from a connection that sends requests without waiting for the replies. */

import { IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** No browser or proxy sends a second request before the first is answered, but HTTP allows it. */
const maxUnanswered = 4;

const unanswered = new WeakMap<Socket, number>();

/**
 * Node.js makes objects for all requests in one chunk, thousands in 64 KB, before it does anything
 * else. The only way to stop its parser in the middle is to claim that the connection leaves HTTP,
 * as an upgrade does: then it reads no further.
 */
class BoundedRequest extends IncomingMessage {
  declare private leavesHttp: boolean | null;

  constructor(socket: Socket) {
    super(socket);
    unanswered.set(socket, (unanswered.get(socket) ?? 0) + 1);
    if (isOneTooMany(this)) socket.pause();
  }

  get upgrade(): boolean | null {
    return this.leavesHttp || isOneTooMany(this);
  }

  // The parent's constructor sets it too, before this object has fields of its own.
  set upgrade(value: boolean | null) {
    this.leavesHttp = value;
  }
}

/** Options of Node.js's server. */
export const pipeliningOptions = {
  IncomingMessage: BoundedRequest,
  shouldUpgradeCallback: isOneTooMany,
} as const;

/**
 * `holdMs`: a client that has to wait returns less often than one that is refused at once.
 */
export function boundPipelining(server: Server, holdMs: number): void {
  server.on('request', ({ socket }, response) => {
    response.on('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
  });
  // The replies to earlier requests are still sent.
  server.on('upgrade', ({ socket }) => {
    socket.on('error', () => {});
    const held = setTimeout(() => socket.destroy(), holdMs);
    socket.on('close', () => clearTimeout(held));
  });
  // A request after the last one that a connection may send.
  server.on('dropRequest', (_request, socket) => socket.destroy());
}

function isOneTooMany({ socket }: IncomingMessage): boolean {
  return (unanswered.get(socket) ?? 0) > maxUnanswered;
}
