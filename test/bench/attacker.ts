/**
 * The process that attacks a page, for tests and the benchmark: `attacker.ts PORT KIND COUNT PAUSE_MS ADDRESSES`. It holds that many connections
 * of a kind from that many addresses, opens those that are closed again after a pause, and says `held` once each was open.
 */

import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const kinds: Readonly<Record<string, string>> = {
  'silent': '',
  'slow headers': 'GET / HTTP/1.1\r\nHost: x\r\nX-a: ',
  'slow bodies':
    'POST /key HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nkey=',
  'unread answers': 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4),
  'pipelining': 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2_000),
  'upgrades': 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  'expectations': 'GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n'.repeat(2_000),
  'no host': 'GET / HTTP/1.1\r\n\r\n'.repeat(2_000),
  'heads': 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n',
};

const [port, kind = '', count, pauseMs, addresses] = process.argv.slice(2);
const text = kinds[kind];
if (text === undefined) throw new Error(`no kind of attack: ${kind}`);
const isHalfClosed = kind === 'half-closed';
let opened = 0;
for (let index = 0; index < Number(count); index += 1) hold(index);

function hold(index: number): void {
  const localAddress = `127.0.0.${1 + (index % Number(addresses))}`;
  let wasOpen = false;
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress, allowHalfOpen: isHalfClosed });
  socket.pause();
  socket.on('connect', () => {
    wasOpen = true;
    opened += 1;
    if (opened === Number(count)) process.send?.('held');
    socket.write(text ?? '');
  });
  socket.on('error', () => {});
  // Who does not read does not see the end.
  socket.on('end', () => socket.destroy());
  socket.on('close', async () => {
    await sleep(Number(pauseMs));
    hold(index);
  });
  void wasOpen;
}
