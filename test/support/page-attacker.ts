/**
 * Attacks a page: `page-attacker.ts PORT KIND COUNT PAUSE_MS ADDRESSES`. Keeps COUNT connections of
 * a kind open, from that many addresses, and after a pause reopens each one that was closed. Sends
 * `held` once all of them have sent their text.
 */

import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const get = 'GET / HTTP/1.1\r\nHost: x\r\n';
const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nkey=';

/** What each connection sends, and whether it repeats that for ever without reading. */
const kinds: Readonly<Record<string, readonly [text: string, goesOn?: true]>> = {
  silence: [''],
  'slow headers': [`${get}X-a: `],
  'slow bodies': [`POST /key HTTP/1.1\r\nHost: x\r\n${form}`],
  'bodies nobody asked for': [`POST / HTTP/1.1\r\nHost: x\r\n${form}`],
  'idle connections': [`${get}\r\n`],
  upgrades: [`${get}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`],
  'readers that never read': [`${get}\r\n`.repeat(4), true],
  'heads without end': ['HEAD / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4), true],
  pipelining: ['GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_500), true],
  'pipelining without a host': ['GET /healthz HTTP/1.1\r\n\r\n'.repeat(1_500), true],
  'pipelining in HTTP/1.0': [
    'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'.repeat(1_500),
    true,
  ],
  'pipelining expectations': [`${get}Expect: x\r\n\r\n`.repeat(1_500), true],
  'pipelining event streams': ['GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1_500), true],
};
const againMs = 500;

// A real attacker has processors of its own.
setPriority(constants.priority.PRIORITY_LOW);
const [port, kind = '', count, pauseMs, addresses] = process.argv.slice(2);
const [text, goesOn = false] = kinds[kind] ?? [];
if (text === undefined) throw new Error(`no kind of attack: ${kind}`);
// It ends with the process that started it.
process.once('disconnect', () => process.exit());
const said = new Set<number>();
for (let index = 0; index < Number(count); index += 1) hold(index);

function hold(index: number): void {
  const localAddress = `127.0.0.${1 + (index % Number(addresses))}`;
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress });
  if (goesOn) socket.pause();
  else socket.resume();
  const say = (): void => {
    socket.write(text ?? '', () => {
      said.add(index);
      if (said.size === Number(count)) process.send?.('held');
    });
  };
  socket.on('connect', say);
  const repeat = setInterval(() => {
    if (goesOn && !socket.connecting && socket.writableLength === 0) say();
  }, againMs);
  socket.on('error', () => {});
  socket.on('close', async () => {
    clearInterval(repeat);
    await sleep(Number(pauseMs));
    hold(index);
  });
}
