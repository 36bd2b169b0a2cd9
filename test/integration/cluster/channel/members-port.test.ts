/** Who is let in on the members' port, and who is not. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import tls from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { createAskMember } from '../../../../src/cluster/channel/ask-member.ts';
import {
  type AcceptedKey,
  type ChannelKey,
  tlsOptions,
} from '../../../../src/cluster/channel/channel-key.ts';
import { createMembersPort } from '../../../../src/cluster/channel/members-port.ts';

const derived: ChannelKey = { name: 'derived', key: Buffer.alloc(32, 1) };
const run: ChannelKey = { name: 'run', key: Buffer.alloc(32, 2) };
const { signal } = new AbortController();

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

async function open(keys: () => readonly AcceptedKey[]) {
  const port = createMembersPort(keys);
  port.server.get('/who', (request) => ({ key: port.keyOf(request) }));
  port.server.get('/never', () => new Promise(() => {}));
  port.server.post('/echo', (request) => request.body);
  await port.server.listen({ host: '127.0.0.1', port: 0 });
  opened.defer(async () => await port.server.close());
  return { ...port, at: addressOf(port.server) };
}

function addressOf(server: FastifyInstance) {
  const [at] = server.addresses();
  if (typeof at !== 'object') throw new Error('it does not listen');
  return at;
}

function asker(key: ChannelKey) {
  return opened.use(createAskMember(key));
}

describe('the members’ port', () => {
  it('keeps a connection for the next request', async () => {
    const { at, server } = await open(() => [run]);
    let connections = 0;
    server.server.on('secureConnection', () => {
      connections += 1;
    });
    const one = asker(run);
    for (let each = 0; each < 3; each++) await one.ask(at, { path: '/who' }, signal);
    expect(connections).toBe(1);
  });

  it('answers who has one of its keys, and knows which', async () => {
    const { at } = await open(() => [derived, run]);
    for (const key of [derived, run]) {
      const { status, bytes } = await asker(key).ask(at, { path: '/who' }, signal);
      expect(status).toBe(200);
      expect(JSON.parse(bytes.toString())).toEqual({ key: key.name });
    }
  });

  it('takes and gives JSON', async () => {
    const { at } = await open(() => [run]);
    const body = { members: ['i-1', 'ä'] };
    const answer = await asker(run).ask(at, { method: 'POST', path: '/echo', body }, signal);
    expect(JSON.parse(answer.bytes.toString())).toEqual(body);
  });

  it.each([
    { who: 'another key of that name', key: { name: 'run', key: Buffer.alloc(32, 3) } },
    { who: 'a name that is not known', key: { name: 'else', key: run.key } },
    { who: 'a key that is not taken yet', key: derived },
  ])('refuses $who', async ({ key }) => {
    const { at, refused } = await open(() => [run]);
    await expect(asker(key).ask(at, { path: '/who' }, signal)).rejects.toThrow();
    await expect.poll(refused).toBe(1);
  });

  it('does not take a key any more, on a connection that is open as little as on a new one', async () => {
    let keys = [derived, run];
    const { at } = await open(() => keys);
    const early = asker(derived);
    await early.ask(at, { path: '/who' }, signal);
    keys = [run];
    expect((await early.ask(at, { path: '/who' }, signal)).status).toBe(403);
    await expect(asker(derived).ask(at, { path: '/who' }, signal)).rejects.toThrow();
  });

  it('opens no more with a key than that key is for', async () => {
    const { at } = await open(() => [{ ...derived, paths: ['/who'] }, run]);
    const late = asker(derived);
    expect((await late.ask(at, { path: '/who?from=i-1' }, signal)).status).toBe(200);
    for (const path of ['/echo', '/who/', '//who', '/%77ho', '/never?/who', '/who/../echo'])
      expect((await late.ask(at, { method: 'POST', path }, signal)).status).toBe(403);
  });

  it('says nothing to who does not speak TLS', async () => {
    const { at } = await open(() => [run]);
    const socket = connect(at.port, at.address);
    socket.end('GET /who HTTP/1.1\r\nHost: x\r\n\r\n');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    await once(socket, 'close');
    expect(text).not.toContain('HTTP');
  });

  it('is asked no longer than it may say nothing', async () => {
    const { at } = await open(() => [run]);
    const asking = asker(run).ask(at, { path: '/never', silentMs: 50 }, signal);
    await expect(asking).rejects.toThrow('no answer in 50 ms');
  });

  it('does not know who takes up a session again, and answers nothing', async () => {
    const { at } = await open(() => [derived]);
    const host = at.address;
    const first = tls.connect({
      ...tlsOptions,
      host,
      port: at.port,
      pskCallback: () => ({ psk: derived.key, identity: derived.name }),
      checkServerIdentity: () => undefined,
    });
    first.write('GET /who HTTP/1.1\r\nhost: x\r\n\r\n');
    const [session] = await once(first, 'session');
    first.destroy();
    const again = tls.connect({
      ...tlsOptions,
      host,
      port: at.port,
      session,
      checkServerIdentity: () => undefined,
    });
    again.write('GET /who HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const answer = await text(again).catch((error: Error) => error.message);
    expect(answer).not.toMatch(/200 OK|derived/);
  });
});
