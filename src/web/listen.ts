/** Where the server listens: on the socket that systemd holds, or on a port. */

import type { FastifyInstance } from 'fastify';
import { hasCode, messageOf, OnagerError } from '../errors.ts';

export type Address = Readonly<{ port: number; host: string }> | Readonly<{ fd: number }>;

/** The first socket that systemd passes to this process (sd_listen_fds(3)), if it does. */
export function socketOf(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Address | undefined {
  const { LISTEN_FDS, LISTEN_PID } = env;
  const isForUs = LISTEN_PID === String(pid) && /^[1-9]\d*$/.test(LISTEN_FDS ?? '');
  return isForUs ? { fd: 3 } : undefined;
}

/** The port is somebody else's, or only root may have it. */
const refusals = ['EADDRINUSE', 'EACCES'];

/**
 * Resolves to the URL.
 *
 * @throws OnagerError PORT_TAKEN
 */
export async function listen(server: FastifyInstance, address: Address): Promise<string> {
  // A host other than "localhost" keeps Fastify from listening on a second socket; with `fd`
  // Node.js ignores it. Node.js's default backlog, 511, would also replace that of a socket that
  // systemd holds.
  const options = { host: '::', backlog: 4_096, ...address };
  try {
    return await server.listen(options);
  } catch (error) {
    if ('fd' in address || !refusals.some((code) => hasCode(error, code))) throw error;
    throw new OnagerError('PORT_TAKEN', `port ${address.port} is taken: ${messageOf(error)}`, {
      hint: 'something else listens there, or it takes root: name another --port',
      cause: error,
    });
  }
}
