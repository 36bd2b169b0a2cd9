/** Ends a connection that sends many requests without waiting for the answers, before they cost anything. */

import { IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** No browser or proxy sends a second one before the first is answered; HTTP allows it. */
const maxUnanswered = 4;

const unanswered = new WeakMap<Socket, number>();

/**
 * Node.js makes objects for all requests that came in one piece, thousands in 64 KB, before it looks at anything else. The
 * only way to stop its parser in the middle is to say that the connection leaves HTTP: it then reads no further, and ends a
 * connection that nobody wants to go on with.
 */
class BoundedRequest extends IncomingMessage {
  declare private leavesHttp: boolean | null;

  constructor(socket: Socket) {
    super(socket);
    unanswered.set(socket, (unanswered.get(socket) ?? 0) + 1);
  }

  get upgrade(): boolean | null {
    return this.leavesHttp || isOneTooMany(this);
  }

  // Called by the parent's constructor as well, before this object has fields of its own.
  set upgrade(value: boolean | null) {
    this.leavesHttp = value;
  }
}

/** Options of Node.js's server. */
export const pipeliningOptions = {
  IncomingMessage: BoundedRequest,
  shouldUpgradeCallback: isOneTooMany,
} as const;

export function countAnswers(server: Server): void {
  server.on('request', ({ socket }, response) => {
    response.on('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
  });
  // Sent behind the last request that is answered on a connection.
  server.on('dropRequest', (_request, socket) => socket.destroy());
}

function isOneTooMany({ socket }: IncomingMessage): boolean {
  return (unanswered.get(socket) ?? 0) > maxUnanswered;
}
