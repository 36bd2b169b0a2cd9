/**
 * A subnet of loopback addresses for the members of one rehearsal. Each rehearsal has its own, so
 * that two at once do not meet.
 */

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { hasCode, messageOf, OnagerError } from '../errors.ts';

/** `addresses`: of the members, in the order of their launch. */
export type LoopbackSubnet = AsyncDisposable &
  Readonly<{ cidr: string; addresses: readonly string[] }>;

/** As in a VPC: the first four addresses of a subnet and the last belong to nobody's instance. */
const firstHost = 4;
const keptAddresses = firstHost + 1;

export const maxMembers = 100;

/** The third byte of the subnets that are tried. */
const firstTried = 24;
const tries = 32;

/**
 * Holds the subnet by the members' port of its router's address, until it is disposed.
 *
 * @throws OnagerError REHEARSAL_ADDRESSES
 */
export async function claimLoopbackSubnet(
  count: number,
  membersPort: number,
): Promise<LoopbackSubnet> {
  for (let tried = 0; tried < tries; tried++) {
    const base = `127.74.${firstTried + tried}`;
    const router = `${base}.1`;
    const addresses = Array.from({ length: count }, (_, index) => `${base}.${firstHost + index}`);
    try {
      await using stack = new AsyncDisposableStack();
      stack.use(await listenOn(router, membersPort));
      for (const address of addresses) await expectFree(address, membersPort);
      const held = stack.move();
      const cidr = `${base}.0/${prefixFor(count)}`;
      return { cidr, addresses, [Symbol.asyncDispose]: () => held.disposeAsync() };
    } catch (error) {
      if (hasCode(error, 'EADDRNOTAVAIL')) throw withoutAliases([router, ...addresses], error);
      if (!hasCode(error, 'EADDRINUSE')) throw error;
    }
  }
  const message = `port ${membersPort} is taken on 127.74.${firstTried}.1 and the ${tries - 1} subnets after it`;
  throw new OnagerError('REHEARSAL_ADDRESSES', message, {
    hint: `end the program that listens on it: \`ss -lntp sport = ${membersPort}\` names it`,
  });
}

/** A /28 where that is enough, as the smallest subnet of a VPC. */
function prefixFor(count: number): number {
  return 32 - Math.max(4, Math.ceil(Math.log2(count + keptAddresses)));
}

async function listenOn(host: string, port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen({ host, port });
  await once(server, 'listening');
  return server;
}

async function expectFree(host: string, port: number): Promise<void> {
  await using _ = await listenOn(host, port);
}

/** Linux has all of 127.0.0.0/8, macOS only 127.0.0.1. */
function withoutAliases(addresses: readonly string[], cause: unknown): OnagerError {
  const [first = ''] = addresses;
  const commands = addresses.map((address) => `sudo ifconfig lo0 alias ${address} up`).join('; ');
  const message = `this machine has no address ${first}: ${messageOf(cause)}`;
  return new OnagerError('REHEARSAL_ADDRESSES', message, {
    hint: `each member needs one; on macOS, add them until the next start: ${commands}`,
    cause,
  });
}
