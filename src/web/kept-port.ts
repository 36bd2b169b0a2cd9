/**
 * The port on which an agent listens, written down for others. Where it may be any free one, later
 * starts keep it.
 */

import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { hasCode } from '../errors.ts';
import { readIfThere, writeWhole } from '../files/files.ts';
import { type Address, listen } from './listen.ts';

/** Undefined before the first start has listened. */
export async function readKeptPort(stateDir: string): Promise<number | undefined> {
  const text = (await readIfThere(pathIn(stateDir))) ?? '';
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  // What is no port is not ours: as if nothing had been written.
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** Port 0 means any free port, where possible the one of the last start. Resolves to the URL. */
export async function listenOnKeptPort(
  server: FastifyInstance,
  address: Address,
  stateDir: string,
): Promise<string> {
  if ('fd' in address) return await listen(server, address);
  const url = await listenOn(server, address, stateDir);
  // A URL leaves out the port that is usual.
  const port = new URL(url).port || '80';
  await writeWhole(pathIn(stateDir), port).catch((error: unknown) => {
    // A page at a known port is served without a disk, too.
    if (address.port === 0) throw error;
  });
  return url;
}

async function listenOn(
  server: FastifyInstance,
  address: Exclude<Address, { fd: number }>,
  stateDir: string,
): Promise<string> {
  if (address.port !== 0) return await listen(server, address);
  const port = (await readKeptPort(stateDir)) ?? 0;
  return await listen(server, { ...address, port }).catch(async (error: unknown) => {
    // Somebody has taken it since, for example a connection that the engine has opened.
    if (port === 0 || !hasCode(error, 'PORT_TAKEN')) throw error;
    return await listen(server, address);
  });
}

function pathIn(stateDir: string): string {
  return join(stateDir, 'port');
}
