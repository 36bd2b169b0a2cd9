/**
 * The package's packet filter, in network namespaces of its own: what the engine's user can reach,
 * and what everybody else can.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { membersPortNumber } from '../../../src/engine/addresses.ts';

const rules = readFileSync(join(import.meta.dirname, '../../../packaging/engine-wall.nft'), 'utf8');
/** Stands in for a user that this machine does not have. */
const engine = 64_123;
const somebody = 64_124;
const [here, there] = [`onager-wall-${process.pid}`, `onager-else-${process.pid}`];

const canWall =
  process.getuid?.() === 0 &&
  ['/usr/sbin/nft', '/usr/sbin/ip', '/usr/bin/setpriv'].every(existsSync);

const servers: ChildProcess[] = [];

describe.skipIf(!canWall)('the wall (skipped without root, nft and ip)', () => {
  beforeAll(async () => {
    for (const name of [here, there]) ip('netns', 'add', name);
    ip('link', 'add', 'wall0', 'netns', here, 'type', 'veth', 'peer', 'wall1', 'netns', there);
    for (const [name, link, v4, v6] of [
      [here, 'wall0', '10.99.0.1/24', 'fd99::1/64'],
      [there, 'wall1', '10.99.0.2/24', 'fd99::2/64'],
    ] as const) {
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', link, 'up');
      ip('-n', name, 'address', 'add', v4, 'dev', link);
      ip('-n', name, 'address', 'add', v6, 'dev', link, 'nodad');
    }
    // This would be the metadata service if there were no wall.
    ip('-n', there, 'address', 'add', '169.254.169.254/32', 'dev', 'wall1');
    ip('-n', here, 'route', 'add', '169.254.169.254/32', 'dev', 'wall0');
    await serve(here, 80);
    for (const name of [here, there]) await serve(name, 8080);
    await serve(there, 80);
    for (const name of [here, there]) await serve(name, membersPortNumber);
    const input = rules.replaceAll('"onager-engine"', String(engine));
    execFileSync('ip', ['netns', 'exec', here, 'nft', '-f', '-'], { input });
  });
  afterAll(() => {
    for (const server of servers) server.kill('SIGKILL');
    for (const name of [here, there]) ip('netns', 'delete', name);
  });

  const own = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '::1',
    '::ffff:127.0.0.1',
    '10.99.0.1',
    'fd99::1',
  ];
  const elsewhere = ['10.99.0.2', 'fd99::2'];

  it.each(own)("keeps only the engine's user from the page at %s", (host) => {
    expect(connects(engine, host, 80)).toBe('ECONNREFUSED');
    expect(connects(somebody, host, 80)).toBe('connected');
    expect(connects(0, host, 80)).toBe('connected');
  });

  it.each(elsewhere)('lets the load reach port 80 of another machine: %s', (host) => {
    expect(connects(engine, host, 80)).toBe('connected');
  });

  it('lets the engine reach other ports of its own machine', () => {
    expect(connects(engine, '127.0.0.1', 8080)).toBe('connected');
  });

  it("keeps the engine's user from the metadata service", () => {
    expect(connects(engine, '169.254.169.254', 80)).not.toBe('connected');
    expect(connects(somebody, '169.254.169.254', 80)).toBe('connected');
  });

  it.each([...own, ...elsewhere])("keeps only the engine's user from members at %s", (host) => {
    expect(connects(engine, host, membersPortNumber)).toBe('ECONNREFUSED');
    expect(connects(somebody, host, membersPortNumber)).toBe('connected');
  });

  it.each(elsewhere)("keeps only the engine's user from sending to members at %s", (host) => {
    expect(answers(engine, host, membersPortNumber)).toBe('refused');
    expect(answers(somebody, host, membersPortNumber)).toBe('answered');
    expect(answers(engine, host, 8_080)).toBe('answered');
  });

  it('stands once however often it is put up', () => {
    const input = rules.replaceAll('"onager-engine"', String(engine));
    const nft = (...args: string[]): string =>
      execFileSync('ip', ['netns', 'exec', here, 'nft', ...args], { input }).toString();
    const before = nft('-s', 'list', 'ruleset');
    nft('-f', '-');
    expect(nft('-s', 'list', 'ruleset')).toBe(before);
  });
});

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}

/** By TCP, and by UDP with an echo. */
async function serve(namespace: string, port: number): Promise<void> {
  const program = `const echo = require('node:dgram').createSocket('udp6')
    echo.on('message', (bytes, { port, address }) => echo.send(bytes, port, address))
    echo.bind(${port}, '::', () =>
      require('node:net').createServer((s) => s.end()).listen(${port}, '::', () => console.log('up')))`;
  const server = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', program]);
  servers.push(server);
  await once(server.stdout, 'data');
}

/** Connects as that user, in the namespace with the wall: `connected`, or the error code. */
function connects(uid: number, host: string, port: number): string {
  return runAs(
    uid,
    `const s = require('node:net').connect(${port}, '${host}')
    .on('connect', () => { console.log('connected'); s.destroy(); })
    .on('error', (e) => console.log(e.code))`,
  );
}

/** Sends a datagram as that user: whether the kernel refuses it, or an answer comes. */
function answers(uid: number, host: string, port: number): string {
  return runAs(
    uid,
    `const s = require('node:dgram').createSocket('udp${host.includes(':') ? 6 : 4}')
    const end = (word) => { console.log(word); s.close(); };
    s.on('message', () => end('answered'));
    s.connect(${port}, '${host}', () => s.send('hello', (e) => e && end('refused')));`,
  );
}

function runAs(uid: number, program: string): string {
  const as = ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
  return execFileSync('ip', ['netns', 'exec', here, ...as, process.execPath, '-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
  }).trim();
}
