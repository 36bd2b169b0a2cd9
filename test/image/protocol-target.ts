/**
 * Targets that a plain one does not cover: https, WebSocket over TLS, answers in chunks, digest
 * logins over HTTP and XMPP. They count what they served, by kind, and insist on right requests.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

export const kinds = ['https', 'wss', 'chunked', 'digest', 'xmpp'] as const;
export type Kind = (typeof kinds)[number];

export const login = { user: 'ada', password: 'lovelace', realm: 'engine' } as const;

export type ProtocolTarget = AsyncDisposable &
  Readonly<{
    /** TLS with a certificate of its own: https and WebSocket. */
    securePort: number;
    plainPort: number;
    xmppPort: number;
    served: ReadonlyMap<string, number>;
    /** Requests that were not as they should have been. */
    refused: readonly string[];
  }>;

export async function startProtocolTarget(): Promise<ProtocolTarget> {
  await using stack = new AsyncDisposableStack();
  const served = new Map<string, number>();
  const refused: string[] = [];
  const count = (kind: Kind): void => void served.set(kind, (served.get(kind) ?? 0) + 1);
  const refuse = (what: string): void => void refused.push(what);

  const secure = createHttpsServer(await selfSigned(), (_, response) => {
    count('https');
    response.end('hit\n');
  });
  const sockets = new WebSocketServer({ server: secure });
  sockets.on('connection', (socket) => {
    count('wss');
    socket.on('message', (message) => {
      count('wss');
      socket.send(`heard ${message}`);
    });
  });

  const plain = createServer((request, response) => {
    if (request.url?.startsWith('/chunked')) void answerInChunks({ request, count, refuse });
    else answerDigest({ request, response, count, refuse });
  });
  const xmpp = createTcpServer((socket) => talkXmpp(socket, { count, refuse }));

  for (const server of [secure, plain, xmpp]) stack.defer(await listen(server));
  const owned = stack.move();
  const [securePort, plainPort, xmppPort] = [secure, plain, xmpp].map(portOf);
  return {
    securePort: securePort ?? 0,
    plainPort: plainPort ?? 0,
    xmppPort: xmppPort ?? 0,
    served,
    refused,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Counts = Readonly<{ count(kind: Kind): void; refuse(what: string): void }>;
type Asked = Counts & Readonly<{ request: IncomingMessage }>;

/**
 * The second path is the first one's answer, which a client must have put together. The size of a
 * chunk and its bytes arrive in packets of their own, cut in the middle.
 */
async function answerInChunks({ request, count, refuse }: Asked): Promise<void> {
  const { url } = request;
  if (url !== '/chunked' && url !== '/chunked/01234567890abcdef') refuse(`chunked: ${url}`);
  count('chunked');
  const { socket } = request;
  socket.setNoDelay(true);
  const pieces = [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    '1',
    '1\r\ntoken=01234',
    '567890',
    '\r\n5\r\n',
    'abcde\r\n2\r\nf\n\r\n0\r\n\r\n',
  ];
  for (const piece of pieces) {
    socket.write(piece);
    await sleep(20);
  }
}

/** RFC 2617 without qop, which is what Tsung's own example uses. */
function answerDigest({
  request,
  response,
  count,
  refuse,
}: Asked & Readonly<{ response: ServerResponse }>): void {
  count('digest');
  const { authorization } = request.headers;
  const nonce = md5(String(request.socket.remotePort));
  if (authorization === undefined) {
    const challenge = `Digest realm="${login.realm}", nonce="${nonce}"`;
    response.writeHead(401, { 'www-authenticate': challenge }).end();
    return;
  }
  const secret = md5(`${login.user}:${login.realm}:${login.password}`);
  const wanted = md5(`${secret}:${nonce}:${md5(`GET:${request.url}`)}`);
  if (!authorization.includes(`response="${wanted}"`)) refuse(`digest: ${authorization}`);
  response.end('welcome\n');
}

/** As much of XEP-0078 as a login takes. */
function talkXmpp(socket: Socket, { count, refuse }: Counts): void {
  const sid = '3EE948B0';
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    if (text.includes('</stream:stream>')) {
      socket.end('</stream:stream>');
      return;
    }
    count('xmpp');
    if (text.includes('<stream:stream')) {
      socket.write(
        `<?xml version='1.0'?><stream:stream id="${sid}" xmlns:stream="http://etherx.jabber.org/streams" xmlns="jabber:client" from="localhost">`,
      );
    } else if (text.includes("type='get'")) {
      socket.write("<iq type='result'><query xmlns='jabber:iq:auth'><digest/></query></iq>");
    } else {
      // Tsung appends each user's number to both.
      const number = new RegExp(`<username>${login.user}(\\d+)<`).exec(text)?.[1];
      const secret = `${sid}${login.password}${number}`;
      const digest = createHash('sha1').update(secret).digest('hex');
      if (!text.includes(`<digest>${digest}</digest>`)) refuse(`xmpp: ${text}`);
      socket.write("<iq type='result'/>");
    }
  });
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

async function selfSigned(): Promise<Readonly<{ key: string; cert: string }>> {
  const dir = await mkdtemp(join(tmpdir(), 'onager-certificate-'));
  try {
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const where = ['-subj', '/CN=target', '-days', '2', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...curve, ...where], { stdio: 'ignore' });
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Gives what closes the server and all its connections. */
async function listen(server: Server): Promise<() => Promise<void>> {
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    for (const socket of connections) socket.destroy();
    server.close();
    await once(server, 'close');
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
