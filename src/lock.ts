/** Makes sure that a folder has one owner at a time. */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { type ErrorCode, hasCode, OnagerError } from './errors.ts';

/**
 * Holds the folder until disposed of, or until this process ends, however it ends: an abstract
 * socket (Linux, unix(7)) vanishes with its process, which a lock file does not.
 *
 * @throws OnagerError with `taken`, where somebody else holds it
 */
export async function acquireLock(
  dir: string,
  taken: Readonly<{ code: ErrorCode; message: string; hint: string }>,
): Promise<AsyncDisposable> {
  const name = createHash('sha256')
    .update(await realpath(dir))
    .digest('hex')
    .slice(0, 32);
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0onager-${name}`);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw error;
    throw new OnagerError(taken.code, taken.message, { hint: taken.hint });
  }
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}
