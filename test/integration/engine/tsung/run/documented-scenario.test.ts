/** The scenario of docs/scenario.md, fired as it stands there. The site insists on each part. */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../../support/temporary.ts';
import { runTsungIn } from '../../../../support/tsung-run.ts';

const document = join(import.meta.dirname, '../../../../../docs/scenario.md');

it('TLS, cookies, a CSV file, a captured value and JSON bodies work as documented', async () => {
  const [xml = '', csv = ''] = [
    ...(await readFile(document, 'utf8')).matchAll(/```(?:xml)?\n(.*?)```/gs),
  ].map(([, block = '']) => block);
  const dir = await temporaryFolder('documented');
  await using shop = await startShop(dir);
  const run = await runTsungIn(dir, {
    files: { 'tsung.xml': xml, 'users.csv': csv },
    vars: { TARGET_HOST: '127.0.0.1', TARGET_PORT: String(shop.port) },
  });
  const users = shop.logins.length;
  expect(users).toBeGreaterThan(4);
  // Line after line, from the first again after the last.
  const lines = csv.trim().split('\n');
  expect(new Set(shop.logins)).toEqual(new Set(lines));
  expect(shop.orders.toSorted()).toEqual(
    ['1', '2', '3'].flatMap((product) => Array.from({ length: users }, () => product)),
  );
  expect(shop.refused).toEqual([]);
  expect(run).toMatchObject({ outcome: { kind: 'complete' }, failed: 0, unreadable: 0 });
  expect(run.counts.get('transaction login')).toBe(users);
  expect(run.counts.get('transaction order')).toBe(3 * users);
});

type Shop = AsyncDisposable &
  Readonly<{
    port: number;
    /** Lines of the CSV file, as they were logged in with. */
    logins: readonly string[];
    /** The products that were ordered. */
    orders: readonly string[];
    refused: readonly string[];
  }>;

/** Takes an order only with the cookie and the token of one and the same login. */
async function startShop(dir: string): Promise<Shop> {
  const logins: string[] = [];
  const orders: string[] = [];
  const refused: string[] = [];
  const tokens = new Map<string, string>();
  const server = createServer(await certificateIn(dir), async (request, response) => {
    const { url, headers } = request;
    const sent = await text(request);
    const body = sent.includes('%%') ? {} : JSON.parse(sent);
    if (url === '/api/login') {
      logins.push(`${body.email};${body.password}`);
      const [cookie, token] = [randomUUID(), randomUUID()];
      tokens.set(`session=${cookie}`, `Bearer ${token}`);
      response.setHeader('set-cookie', `session=${cookie}; Path=/; Secure; HttpOnly`);
      response.end(JSON.stringify({ token }));
      return;
    }
    const isKnown = tokens.get(headers.cookie ?? '') === headers.authorization;
    if (isKnown) orders.push(String(body.product));
    else refused.push(`${headers.cookie} ${headers.authorization}`);
    response.writeHead(isKnown ? 201 : 401).end('{}');
  });
  const port = await listen(server);
  return {
    port,
    logins,
    orders,
    refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return port;
}

async function certificateIn(dir: string): Promise<Readonly<{ key: Buffer; cert: Buffer }>> {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', '/CN=shop.example.test', '-days', '2'];
  await execa('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject]);
  return { key: await readFile(key), cert: await readFile(cert) };
}
