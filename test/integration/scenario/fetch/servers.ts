/** Servers on the loopback interface whose answers a test decides, one by one. */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../support/temporary.ts';

export type Answer = RequestListener;

export type TestServer = Readonly<{ port: number; requests: readonly IncomingMessage[] }>;

export type Identity = Readonly<{ key: string; cert: string }>;

export async function testFolder(): Promise<string> {
  const folder = await temporaryFolder('fetch');
  return folder;
}

/** A self-signed certificate for `localhost` and for nothing else. */
export async function selfSigned(): Promise<Identity> {
  const folder = await temporaryFolder('cert');
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...curve, '-nodes', '-keyout', key, '-out', cert, '-days', '2', ...name],
    { stdio: 'ignore' },
  );
  const identity = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  return identity;
}

/** Gives the answers in order, then repeats the last one. */
export async function serve(answers: readonly Answer[], identity?: Identity): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answers[Math.min(requests.length, answers.length) - 1]?.(request, response);
  };
  const server =
    identity === undefined ? createServer(listener) : createHttpsServer({ ...identity }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => close(server));
  return { port: portOf(server.address()), requests };
}

export const whole =
  (body: string | Buffer): Answer =>
  (_, response) => {
    response.end(body);
  };

export const status =
  (code: number, headers: Record<string, string> = {}, body = ''): Answer =>
  (_, response) => {
    response.writeHead(code, headers).end(body);
  };

/** Promises more than it sends, then hangs up. */
export const cutOff: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('half', () => response.destroy());
};

/** Begins to answer, then says nothing more. */
export const stalled: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('half');
};

export const silent: Answer = () => {};

export const hungUp: Answer = (request) => {
  request.socket.destroy();
};

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
