/**
 * Limits the number of connections and the bytes waiting in them, and chooses which ones to end.
 */

import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../network.ts';

export type ConnectionLimits = Readonly<{
  /** Connections that have not shown the key. */
  strangers: number;
  /** Connections that have. */
  known: number;
  /**
   * Bytes that wait behind the reply a client is reading, and those that wait for all clients. A
   * single reply may be any size: to send a long run over a slow line takes its time.
   */
  waitingBytes: number;
  allWaitingBytes: number;
  checkMs: number;
}>;

type Connections = Readonly<{
  /** Notes that this connection has sent the key, or a cookie in its place. */
  know(socket: Socket): void;
}>;

type Connection = Readonly<{ socket: Socket; network: string; answers: Set<ServerResponse> }>;

export function limitConnections(server: Server, limits: ConnectionLimits): Connections {
  const strangers = createPool(limits.strangers, ([longest]) => longest);
  // Streams and downloads take long: idle connections are ended before them.
  const known = createPool(limits.known, (members) => {
    const [longest] = members;
    return [...members].find(({ answers }) => answers.size === 0) ?? longest;
  });
  const connections = new Map<Socket, Connection>();

  server.on('connection', (socket: Socket) => {
    const network = networkOf(socket.remoteAddress ?? '');
    const connection: Connection = { socket, network, answers: new Set() };
    connections.set(socket, connection);
    socket.on('close', () => {
      connections.delete(socket);
      strangers.remove(connection);
      known.remove(connection);
    });
    strangers.add(connection);
  });
  server.on('request', ({ socket }, response) => {
    const connection = connections.get(socket);
    connection?.answers.add(response);
    response.on('close', () => {
      if (connection === undefined) return;
      connection.answers.delete(response);
      // A finished reply is progress: the connection counts as new.
      for (const pool of [strangers, known]) if (pool.remove(connection)) pool.add(connection);
    });
  });
  const check = setInterval(() => {
    for (const socket of tooMuchWaiting(connections.values(), limits)) socket.destroy();
  }, limits.checkMs).unref();
  server.on('close', () => clearInterval(check));

  return {
    know(socket) {
      const connection = connections.get(socket);
      if (connection !== undefined && strangers.remove(connection)) known.add(connection);
    },
  };
}

type Pool = Readonly<{
  /** Ends a connection if there are too many. */
  add(connection: Connection): void;
  /** False: it is not in this set. */
  remove(connection: Connection): boolean;
}>;

/**
 * When it is full, the network with the most connections loses one, so no one can crowd others out.
 */
function createPool(
  limit: number,
  choose: (members: ReadonlySet<Connection>) => Connection | undefined,
): Pool {
  const networks = new Map<string, Set<Connection>>();
  let size = 0;

  function remove(connection: Connection): boolean {
    const members = networks.get(connection.network);
    if (members === undefined || !members.delete(connection)) return false;
    if (members.size === 0) networks.delete(connection.network);
    size -= 1;
    return true;
  }

  return {
    add(connection) {
      const members = networks.get(connection.network) ?? new Set();
      networks.set(connection.network, members.add(connection));
      size += 1;
      if (size <= limit) return;
      const chosen = choose(largest(networks.values()));
      if (chosen === undefined) return;
      remove(chosen);
      chosen.socket.destroy();
    },
    remove,
  };
}

/** The first of the largest. */
function largest<T>(sets: Iterable<ReadonlySet<T>>): ReadonlySet<T> {
  let found: ReadonlySet<T> = new Set();
  for (const set of sets) if (set.size > found.size) found = set;
  return found;
}

/** The sockets to end, those with the most bytes first. */
function tooMuchWaiting(
  connections: Iterable<Connection>,
  { waitingBytes, allWaitingBytes }: ConnectionLimits,
): readonly Socket[] {
  const waiting = [...connections]
    .map(({ socket, answers }) => {
      const behind = bytesBehind(answers);
      return { socket, behind, bytes: socket.writableLength + behind };
    })
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes);
  let all = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  const ended: Socket[] = [];
  for (const { socket, behind, bytes } of waiting) {
    if (behind <= waitingBytes && all <= allWaitingBytes) continue;
    ended.push(socket);
    all -= bytes;
  }
  return ended;
}

/**
 * The first reply's bytes are in the socket; those of later replies are in the replies themselves.
 */
function bytesBehind(answers: ReadonlySet<ServerResponse>): number {
  let bytes = 0;
  for (const answer of answers) if (answer.socket === null) bytes += answer.writableLength;
  return bytes;
}
