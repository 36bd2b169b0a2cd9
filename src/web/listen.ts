/** Where the server listens: on the socket that systemd holds, or on a port. */

import type { FastifyInstance } from 'fastify';

export type Address = Readonly<{ port: number; host: string }> | Readonly<{ fd: number }>;

/** The first socket that systemd hands over (sd_listen_fds(3)) to this very process, if it does. */
export function socketOf(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): Address | undefined {
  const { LISTEN_FDS, LISTEN_PID } = env;
  const isForUs = LISTEN_PID === String(pid) && /^[1-9]\d*$/.test(LISTEN_FDS ?? '');
  return isForUs ? { fd: 3 } : undefined;
}

/** Resolves to the URL. */
export async function listen(server: FastifyInstance, address: Address): Promise<string> {
  // A host that is not "localhost" keeps Fastify from listening on a second socket; beside `fd` Node ignores it.
  // Node.js's own waiting line, 511, also replaces that of a socket which systemd holds.
  const options = { host: '::', backlog: 4_096, ...address };
  return server.listen(options);
}
