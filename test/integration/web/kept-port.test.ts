/** A port is bound by whoever uses it, and never looked for before. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fastify from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { listenOnKeptPort, readKeptPort } from '../../../src/web/kept-port.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** One start of an agent; gives its port, as the agent and as its file say it. */
async function start(dir: string, port = 0) {
  const server = fastify();
  closers.push(() => server.close());
  const url = await listenOnKeptPort(server, { host: '127.0.0.1', port }, dir);
  expect(await readKeptPort(dir)).toBe(Number(new URL(url).port));
  return { port: Number(new URL(url).port), stop: () => server.close() };
}

async function taken(port = 0): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

it('a free port is found, told and kept by the next start', async () => {
  const dir = await temporaryFolder('port');
  expect(await readKeptPort(dir)).toBeUndefined();
  const first = await start(dir);
  await first.stop();
  expect((await start(dir)).port).toBe(first.port);
});

it('another one is found where somebody has taken it meanwhile', async () => {
  const dir = await temporaryFolder('port');
  const first = await start(dir);
  await first.stop();
  await taken(first.port);
  const second = await start(dir);
  expect(second.port).not.toBe(first.port);
  expect(await readFile(join(dir, 'port'), 'utf8')).toBe(String(second.port));
});

it('a port that was named and is taken is refused in words', async () => {
  const port = await taken();
  await expect(start(await temporaryFolder('port'), port)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(`port ${port} is taken`),
    hint: expect.stringContaining('--port'),
  });
});

it('a page at a port that was named is served though nothing can be written', async () => {
  const before = await start(await temporaryFolder('port'));
  await before.stop();
  const server = fastify();
  closers.push(() => server.close());
  const address = { host: '127.0.0.1', port: before.port };
  const url = await listenOnKeptPort(server, address, '/proc/nothing');
  expect(Number(new URL(url).port)).toBe(before.port);
});

it.each(['99999', '0', 'eighty', ''])('a file that holds %j is as good as none', async (text) => {
  const dir = await temporaryFolder('port');
  await writeFile(join(dir, 'port'), text);
  expect(await readKeptPort(dir)).toBeUndefined();
  expect((await start(dir)).port).toBeGreaterThan(0);
});
