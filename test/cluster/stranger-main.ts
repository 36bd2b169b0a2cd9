/** What somebody else in the subnet may try; prints what came of it, as JSON. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

const [, , order = '', address = '', ...more] = process.argv;
const port = 7424;

/** The ports that take a connection, of all that there are. */
async function scan(): Promise<readonly number[]> {
  const open: number[] = [];
  let next = 1;
  const walker = async (): Promise<void> => {
    for (let at = next++; at < 65_536; at = next++) if (await isOpen(at)) open.push(at);
  };
  await Promise.all(Array.from({ length: 200 }, walker));
  return open.toSorted((a, b) => a - b);
}

async function isOpen(at: number): Promise<boolean> {
  const socket = connect({ host: address, port: at });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function wordsOf(asking: NodeJS.EventEmitter, done: string): Promise<string> {
  try {
    const [answer] = await once(asking, done);
    return `answered ${answer?.statusCode ?? ''}`;
  } catch (error) {
    return error instanceof Error ? `${'code' in error ? error.code : error.message}` : `${error}`;
  }
}

async function wrongKey(identity: string): Promise<string> {
  const agent = new Agent({
    minVersion: 'TLSv1.3',
    ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256',
    pskCallback: () => ({ psk: Buffer.alloc(32, 1), identity }),
    checkServerIdentity: () => undefined,
  });
  const asking = request({ host: address, port, path: '/member', agent });
  asking.end();
  return await wordsOf(asking, 'response');
}

async function plain(): Promise<string> {
  const asking = plainRequest({ host: address, port, path: '/member', agent: false });
  asking.end();
  return await wordsOf(asking, 'response');
}

async function withoutKey(): Promise<string> {
  const socket = tlsConnect({ host: address, port, rejectUnauthorized: false });
  const words = await wordsOf(socket, 'secureConnect');
  socket.destroy();
  return words;
}

async function bound(host: string, at: number): Promise<Socket> {
  const socket = createSocket('udp4').bind({ address: host, port: at });
  await once(socket, 'listening');
  return socket;
}

/** Hears a real hello, alters it, and sends it again, also under the name of who sent it. */
async function datagrams(own: string): Promise<Readonly<Record<string, number>>> {
  const socket = await bound(own, port);
  const [hello, from]: [Buffer, { address: string }] = await (async () => {
    for (;;) {
      const [bytes, sender] = await once(socket, 'message');
      if (sender.address !== address) return [bytes, sender];
    }
  })();
  const forged = Buffer.from(hello);
  forged.writeUInt8(forged.readUInt8(60) ^ 1, 60);
  const send = (by: Socket, bytes: Buffer): Promise<void> =>
    new Promise((resolve) => by.send(bytes, port, address, () => resolve()));
  await send(socket, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  await send(socket, forged);
  await send(socket, hello);
  process.stderr.write(`as ${from.address}\n`);
  // The test has given it the address meanwhile.
  await once(process.stdin, 'data');
  const asOther = await bound(from.address, 0);
  for (let time = 0; time < 3; time++) await send(asOther, hello);
  for (const one of [socket, asOther]) one.close();
  process.stdin.destroy();
  return { bytes: hello.length };
}

const orders: Readonly<Record<string, () => Promise<unknown>>> = {
  scan,
  connections: async () => ({
    wrongKey: await wrongKey('gather'),
    wrongRunKey: await wrongKey('run'),
    noSuchKey: await wrongKey('other'),
    plain: await plain(),
    withoutKey: await withoutKey(),
  }),
  datagrams: () => datagrams(more[0] ?? ''),
};

const result = await orders[order]?.();
process.stdout.write(JSON.stringify(result));
