/** Sees to it that one state folder has one agent. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hasCode, OnagerError } from '../errors.ts';

/**
 * Holds the folder until disposed of, or until this process is gone, however it goes: an abstract socket (Linux, unix(7))
 * vanishes with its process, which a lock file does not.
 *
 * @throws OnagerError AGENT_RUNNING
 */
export async function onlyAgent(stateDir: string): Promise<AsyncDisposable> {
  const name = createHash('sha256')
    .update(await realpath(stateDir))
    .digest('hex')
    .slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0onager-${name}`);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw error;
    throw new OnagerError('AGENT_RUNNING', `another agent works in ${stateDir}`, {
      hint: 'stop it first (systemctl stop onager), or give another --state folder',
    });
  }
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
