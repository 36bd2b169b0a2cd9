/** Members of a cluster find each other by datagrams: a hello of the own cluster is answered. */

import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Log } from '../../log.ts';
import { wait } from '../../retry.ts';
import { decodeHello, encodeHello, type Hello } from './hello.ts';

export type Self = Pick<Hello, 'cluster' | 'instanceId' | 'launchIndex' | 'address' | 'port'>;

type IntroductionsOptions = Readonly<{
  self: Self;
  key: Uint8Array;
  /** An instance of the same cluster; called for each of its datagrams. */
  onPeer(hello: Hello): void;
  /** An instance with the same user-data in another cluster: a second launch of one scenario. */
  onOther(hello: Hello): void;
  log: Log;
}>;

export type Introductions = Readonly<{
  /** One hello to each address. Resolves when all are sent. */
  greet(addresses: Iterable<string>, pace: Pace, signal: AbortSignal): Promise<void>;
  /** Datagrams that were not taken, by why. */
  refused(): Readonly<Record<HelloRefusal, number>>;
  [Symbol.asyncDispose](): Promise<void>;
}>;

/**
 * Each address of which no answer comes takes an entry of the kernel's neighbour table for three
 * seconds, and a table that is full loses datagrams without an error. At 250 a second a table of
 * 1,024 entries is enough, which is Linux's default.
 */
type Pace = Readonly<{ perSecond: number }>;

/** `misdirected`: sent from another address than it names. */
type HelloRefusal = 'foreign' | 'unauthentic' | 'misdirected' | 'replayed';

/**
 * Datagrams that wait for a neighbour's address count against the send buffer of their socket: one
 * socket alone is held up by some ninety dead addresses a second.
 */
const senders = 8;

const stepMs = 20;

/** A step that comes late is made up for, as far as the neighbour table bears it. */
const maxStepMs = 100;

const sendBufferSize = 400_000;

const maxSequences = 10_000;

/** @throws the error of `bind`, if the port is taken or the address is not this machine's. */
export async function openIntroductions(options: IntroductionsOptions): Promise<Introductions> {
  const { self, key, onPeer, onOther, log } = options;
  const nonce = randomBytes(16).toString('hex');
  const refused = { foreign: 0, unauthentic: 0, misdirected: 0, replayed: 0 };
  const seen = createSequences();
  let sequence = 0;
  await using opened = new AsyncDisposableStack();
  const listener = opened.use(await bound(self.address, self.port, log));
  const sending: Socket[] = [];
  for (let each = 0; each < senders; each++)
    sending.push(opened.use(await bound(self.address, 0, log)));

  function datagram(kind: Hello['kind']): Buffer {
    sequence += 1;
    return encodeHello({ ...self, kind, nonce, sequence, atMs: Date.now() }, key);
  }

  function take(bytes: Buffer, from: RemoteInfo): void {
    const hello = decodeHello(bytes, key);
    if (typeof hello === 'string') {
      refused[hello] += 1;
      return;
    }
    if (hello.nonce === nonce) return;
    if (hello.address !== from.address) {
      refused.misdirected += 1;
      return;
    }
    if (!seen.isNew(hello)) {
      refused.replayed += 1;
      return;
    }
    if (hello.kind === 'hello') send(listener, datagram('answer'), hello);
    if (hello.cluster === self.cluster) onPeer(hello);
    else onOther(hello);
  }

  listener.on('message', take);
  const held = opened.move();
  return {
    async greet(addresses, { perSecond }, signal) {
      let allowed = 0;
      let turn = 0;
      let sinceMs = performance.now();
      for (const address of addresses) {
        while (allowed < 1) {
          await wait(stepMs, signal);
          const nowMs = performance.now();
          allowed += (perSecond * Math.min(nowMs - sinceMs, maxStepMs)) / 1_000;
          sinceMs = nowMs;
        }
        allowed -= 1;
        turn = (turn + 1) % senders;
        const sender = sending[turn] ?? listener;
        send(sender, datagram('hello'), { address, port: self.port });
      }
    },
    refused: () => ({ ...refused }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function bound(address: string, port: number, log: Log): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', sendBufferSize });
  // Without a listener an error would end the agent: a host that refuses is as good as none.
  const fail = (error: Error): void => log.debug({ err: error }, 'a socket for hellos');
  socket.bind({ address, port });
  await once(socket, 'listening');
  return socket.on('error', fail);
}

function send(socket: Socket, bytes: Buffer, to: Readonly<{ address: string; port: number }>) {
  // An address that nobody has is an error of this call, after seconds.
  socket.send(bytes, to.port, to.address, () => {});
}

/** What each start of an agent has sent last: what comes again is not new. */
function createSequences() {
  const last = new Map<string, number>();
  return {
    isNew({ nonce, sequence }: Hello): boolean {
      if (sequence <= (last.get(nonce) ?? 0)) return false;
      // Whoever has the key could send any number of nonces.
      if (last.size > maxSequences) last.clear();
      last.set(nonce, sequence);
      return true;
    },
  };
}
