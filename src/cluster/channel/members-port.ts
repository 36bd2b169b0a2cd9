/** The port on which a member talks with the others: HTTP over TLS with a pre-shared key. */

import type { TLSSocket } from 'node:tls';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type AcceptedKey, tlsOptions } from './channel-key.ts';

type MembersPort = Readonly<{
  server: FastifyInstance;
  /** The name of the key that the request's connection was made with. */
  keyOf(request: FastifyRequest): string | undefined;
  /** Connections that failed in the handshake. */
  refused(): number;
}>;

/** No message between members is larger: a list of a thousand of them. */
const bodyLimit = 2 * 1024 ** 2;

/**
 * `keys`: those that are taken now. Once members have agreed, the derived key opens no more than
 * `afterAgreement`, by which a latecomer learns that it is late.
 */
export function createMembersPort(keys: () => readonly AcceptedKey[]): MembersPort {
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
  // Each route reads its body by its own schema.
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) =>
    done(null, body),
  );
  server.server.on('tlsClientError', () => {
    refused += 1;
  });
  const keyOf: MembersPort['keyOf'] = ({ raw }) => names.get(raw.socket);
  server.addHook('onRequest', async (request, reply) => {
    const name = keyOf(request);
    const key = keys().find((one) => one.name === name);
    const [path = ''] = request.url.split('?');
    if (key !== undefined && (key.paths?.includes(path) ?? true)) return;
    await reply.code(403).send({ why: 'this key is no longer taken here' });
  });
  return { server, keyOf, refused: () => refused };
}
