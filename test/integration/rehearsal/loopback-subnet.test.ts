/** Rehearsals of several members at once have loopback addresses of their own. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { claimLoopbackSubnet } from '../../../src/rehearsal/loopback-subnet.ts';

/** A port that is free, so that no rehearsal on this machine is in the way. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await server[Symbol.asyncDispose]();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('two at once are in subnets of their own, and what one leaves is free again', async () => {
  const port = await freePort();
  await using first = await claimLoopbackSubnet(3, port);
  expect(first).toMatchObject({
    cidr: '127.74.24.0/28',
    addresses: ['127.74.24.4', '127.74.24.5', '127.74.24.6'],
  });
  {
    await using second = await claimLoopbackSubnet(12, port);
    expect(second.cidr).toBe('127.74.25.0/27');
    expect(second.addresses.at(-1)).toBe('127.74.25.15');
  }
  await using third = await claimLoopbackSubnet(3, port);
  expect(third.cidr).toBe('127.74.25.0/28');
});

it('leaves out a subnet in which another program has a member’s port', async () => {
  const port = await freePort();
  await using taken = createServer().listen(port, '127.74.24.5');
  await once(taken, 'listening');
  await using subnet = await claimLoopbackSubnet(3, port);
  expect(subnet.cidr).toBe('127.74.25.0/28');
});

it('says which port is in the way where a program has it at every address', async () => {
  await using taken = createServer().listen(0, '0.0.0.0');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(claimLoopbackSubnet(3, port)).rejects.toMatchObject({
    code: 'REHEARSAL_ADDRESSES',
    message: expect.stringContaining(`port ${port} is taken`),
  });
});
