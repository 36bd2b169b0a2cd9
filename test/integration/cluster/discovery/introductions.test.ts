/** Members find each other on the loopback addresses of one subnet. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeHello, type Hello } from '../../../../src/cluster/discovery/hello.ts';
import {
  type Introductions,
  openIntroductions,
} from '../../../../src/cluster/discovery/introductions.ts';
import { addressesToAsk, parseSubnet } from '../../../../src/cluster/discovery/subnet.ts';
import { silentLog } from '../../../../src/log.ts';
import { seed } from '../../../support/random.ts';

const key = Buffer.alloc(32, 7);
const { signal } = new AbortController();

/** Loopback addresses of this test process alone. */
const subnet = `127.${100 + (process.pid % 100)}.${Math.trunc(process.pid / 100) % 256}`;
const pace = { perSecond: 5_000 };

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

async function socketAt(host: number, port = 0): Promise<Socket> {
  const socket = createSocket('udp4').bind({ address: `${subnet}.${host}`, port });
  await once(socket, 'listening');
  return opened.use(socket);
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind({ address: `${subnet}.200`, port: 0 });
  await once(socket, 'listening');
  const { port } = socket.address();
  await socket[Symbol.asyncDispose]();
  return port;
}

type Member = Introductions & Readonly<{ heard: Hello[]; others: Hello[]; address: string }>;

async function member(host: number, port: number, cluster = '0'.repeat(16)): Promise<Member> {
  const heard: Hello[] = [];
  const others: Hello[] = [];
  const address = `${subnet}.${host}`;
  const introductions = await openIntroductions({
    self: { cluster, instanceId: `i-${host}`, launchIndex: host, address, port },
    key,
    onPeer: (hello) => heard.push(hello),
    onOther: (hello) => others.push(hello),
    log: silentLog(),
  });
  return { ...opened.use(introductions), heard, others, address };
}

function ids(hellos: readonly Hello[]): readonly string[] {
  return [...new Set(hellos.map(({ instanceId }) => instanceId))].toSorted();
}

async function sweep(one: Member): Promise<void> {
  const found = parseSubnet(`${subnet}.0/24`);
  if (found === undefined) throw new Error('no subnet');
  await one.greet(addressesToAsk(found, one.address, Math.random), pace, signal);
}

describe('members in one subnet', () => {
  it('find each other, though only the last to come asks all', async () => {
    const port = await freePort();
    const early = await Promise.all([5, 90, 254].map((host) => member(host, port)));
    const last = await member(150, port);
    await sweep(last);
    await expect.poll(() => ids(last.heard)).toEqual(['i-254', 'i-5', 'i-90']);
    for (const one of early) expect(ids(one.heard)).toEqual(['i-150']);
  });

  it('of another cluster are named, and are not peers', async () => {
    const port = await freePort();
    const [mine, other] = [await member(5, port), await member(6, port, 'f'.repeat(16))];
    await sweep(mine);
    await expect.poll(() => ids(mine.others)).toEqual(['i-6']);
    expect(ids(other.others)).toEqual(['i-5']);
    expect([...mine.heard, ...other.heard]).toEqual([]);
  });

  it('do not take what is forged, altered, sent from elsewhere, or sent again', async () => {
    const port = await freePort();
    const one = await member(5, port);
    const stranger = await socketAt(66);
    const hello: Hello = {
      kind: 'hello',
      cluster: '0'.repeat(16),
      instanceId: 'i-66',
      launchIndex: 66,
      address: `${subnet}.66`,
      port: stranger.address().port,
      nonce: 'a'.repeat(32),
      sequence: 1,
      atMs: seed,
    };
    const good = encodeHello(hello, key);
    const sent = [
      Buffer.from('GET / HTTP/1.1'),
      encodeHello(hello, Buffer.alloc(32)),
      encodeHello({ ...hello, address: `${subnet}.67` }, key),
      good,
      good,
    ];
    const answers: Buffer[] = [];
    stranger.on('message', (bytes: Buffer) => answers.push(bytes));
    for (const bytes of sent) stranger.send(bytes, port, one.address);
    await expect
      .poll(one.refused)
      .toEqual({ foreign: 1, unauthentic: 1, misdirected: 1, replayed: 1 });
    expect(ids(one.heard)).toEqual(['i-66']);
    await expect.poll(() => answers.length).toBe(1);
    expect(answers[0]).toHaveLength(good.length);
  });

  it('stop asking when it is asked for', async () => {
    const one = await member(5, await freePort());
    const stop = new AbortController();
    const asking = one.greet([`${subnet}.6`, `${subnet}.7`], { perSecond: 0.1 }, stop.signal);
    stop.abort(new Error('enough'));
    await expect(asking).rejects.toThrow('aborted');
  });
});
