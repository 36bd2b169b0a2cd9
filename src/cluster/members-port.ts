/** The port on which a member talks with the others: HTTP over TLS with a pre-shared key. */

import type { TLSSocket } from 'node:tls';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type ChannelKey, tlsOptions } from './channel-key.ts';

type MembersPort = Readonly<{
  server: FastifyInstance;
  /** The name of the key that the request's connection was made with. */
  keyOf(request: FastifyRequest): string | undefined;
  /** Connections that failed in the handshake. */
  refused(): number;
}>;

/** No message between members is larger: a list of a thousand of them. */
const bodyLimit = 2 * 1024 ** 2;

/** `keys`: those that are taken now. A connection that was made with another one is closed. */
export function createMembersPort(keys: () => readonly ChannelKey[]): MembersPort {
  const names = new WeakMap<object, string>();
  let refused = 0;
  const server = fastify({
    bodyLimit,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    https: {
      ...tlsOptions,
      handshakeTimeout: 10_000,
      pskCallback(socket: TLSSocket, name: string) {
        const found = keys().find((key) => key.name === name);
        if (found === undefined) return null;
        names.set(socket, name);
        return found.key;
      },
    },
  });
  server.server.on('tlsClientError', () => {
    refused += 1;
  });
  const keyOf: MembersPort['keyOf'] = ({ raw }) => names.get(raw.socket);
  server.addHook('onRequest', async (request, reply) => {
    const name = keyOf(request);
    if (name !== undefined && keys().some((key) => key.name === name)) return;
    await reply.code(403).send({ why: 'this key is no longer taken' });
  });
  return { server, keyOf, refused: () => refused };
}
