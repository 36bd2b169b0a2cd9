/** Targets of several protocols, on loopback, that count by name what they answered. */

import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { portOf } from './tsung-run.ts';

export type CountingTarget = AsyncDisposable &
  Readonly<{
    port: number;
    /** How many requests were answered, by name. */
    answered: ReadonlyMap<string, number>;
    /** How many connections were made. */
    connections(): number;
  }>;

/** Answers come after so many milliseconds, in turn: durations are of many sizes. */
const delaysMs = [0, 1, 0, 3, 0, 8, 2, 25];

/** An answer that ends the connection. */
const end = '';

type Answered = Readonly<{ name: string; reply: Uint8Array | string }>;

/** Method and path without query: `/missing…` is a 404, `/closes…` ends its connection. */
export async function httpTarget(): Promise<CountingTarget> {
  const counts = createCounts();
  const server = createHttpServer(async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    await counts.wait();
    counts.add(`${request.method} ${path}`);
    if (path.startsWith('/closes')) response.setHeader('connection', 'close');
    response.statusCode = path.startsWith('/missing') ? 404 : 200;
    response.end('hello');
  });
  // Tsung sends again what it sent just as a connection was closed: then nothing would be certain.
  server.keepAliveTimeout = 0;
  return await started(server, counts);
}

export async function webSocketTarget(): Promise<CountingTarget> {
  const counts = createCounts();
  const server = createHttpServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    counts.add('websocket connect');
    // `ws` answers it by itself.
    socket.on('close', () => counts.add('websocket close'));
    socket.on('message', async (data) => {
      await counts.wait();
      counts.add('websocket message');
      socket.send(String(data));
    });
  });
  return await started(server, counts);
}

/** Each piece that comes is one request. */
export async function rawTarget(): Promise<CountingTarget> {
  return await tcpTarget(() => [{ name: 'raw', reply: 'pong' }]);
}

/** A stanza at a time: a client waits for each answer. */
export async function jabberTarget(): Promise<CountingTarget> {
  return await tcpTarget((bytes) => {
    const text = bytes.toString();
    if (text.includes('<stream:stream'))
      return [
        {
          name: 'jabber connect',
          reply: `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='localhost'>`,
        },
      ];
    if (text.includes('</stream:stream>'))
      return [{ name: 'jabber close', reply: '</stream:stream>' }];
    const kind = [
      [`type='get'`, 'jabber auth_get'],
      [`type='set'`, 'jabber auth_set_plain'],
      ['<presence', 'jabber presence:initial'],
      ['<message', 'jabber chat'],
    ].find(([part = '']) => text.replaceAll('"', `'`).includes(part));
    return [{ name: kind?.[1] ?? text, reply: `<iq type='result' id='1'/>` }];
  });
}

/** Quality of service 1. Packets are short: their length is one byte. */
export async function mqttTarget(): Promise<CountingTarget> {
  return await tcpTarget((bytes) => {
    const packets: Buffer[] = [];
    for (let at = 0; at + 1 < bytes.length; at += packets.at(-1)?.length ?? 0)
      packets.push(bytes.subarray(at, at + 2 + (bytes[at + 1] ?? 0)));
    return packets.flatMap(mqttAnswer);
  });
}

function mqttAnswer(packet: Buffer): readonly Answered[] {
  const idAt = (at: number): readonly number[] => [...packet.subarray(at, at + 2)];
  switch ((packet[0] ?? 0) >> 4) {
    case 1:
      return [{ name: 'mqtt connect', reply: Uint8Array.of(0x20, 2, 0, 0) }];
    case 3: {
      const reply = Uint8Array.of(0x40, 2, ...idAt(4 + packet.readUInt16BE(2)));
      return [{ name: 'mqtt publish', reply }];
    }
    case 8:
      return [{ name: 'mqtt subscribe', reply: Uint8Array.of(0x90, 3, ...idAt(2), 1) }];
    default:
      return [];
  }
}

/** Takes every user, and answers every query with an empty result. */
export async function postgresTarget(): Promise<CountingTarget> {
  const message = (code: string, content: Uint8Array): Buffer => {
    const head = Buffer.alloc(5);
    head.write(code);
    head.writeUInt32BE(content.length + 4, 1);
    return Buffer.concat([head, content]);
  };
  const ready = message('Z', Buffer.from('I'));
  const isOk = message('R', Uint8Array.of(0, 0, 0, 0));
  const askPassword = message('R', Uint8Array.of(0, 0, 0, 3));
  return await tcpTarget((bytes) => {
    switch (String.fromCharCode(bytes[0] ?? 0)) {
      case 'p':
        return [{ name: 'pgsql authenticate', reply: Buffer.concat([isOk, ready]) }];
      case 'Q': {
        const done = message('C', Buffer.from('SELECT 0\0'));
        return [{ name: 'pgsql sql', reply: Buffer.concat([done, ready]) }];
      }
      case 'X':
        return [{ name: 'pgsql close', reply: end }];
      default:
        return [{ name: 'pgsql connect', reply: askPassword }];
    }
  });
}

async function tcpTarget(
  answersTo: (bytes: Buffer) => readonly Answered[],
): Promise<CountingTarget> {
  const counts = createCounts();
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', async (bytes) => {
      for (const { name, reply } of answersTo(bytes)) {
        await counts.wait();
        counts.add(name);
        if (reply === end) socket.end();
        else if (socket.writable) socket.write(reply);
      }
    });
  });
  return await started(server, counts);
}

type Counts = Readonly<{
  answered: ReadonlyMap<string, number>;
  add(name: string): void;
  wait(): Promise<void>;
}>;

function createCounts(): Counts {
  const answered = new Map<string, number>();
  let asked = 0;
  return {
    answered,
    add(name) {
      answered.set(name, (answered.get(name) ?? 0) + 1);
    },
    async wait() {
      asked += 1;
      await delay(delaysMs[asked % delaysMs.length]);
    },
  };
}

async function started(server: Server, { answered }: Counts): Promise<CountingTarget> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.address()),
    answered,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
