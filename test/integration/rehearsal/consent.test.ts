/** A rehearsal says what it will fire at whom, and fires at another machine only after a yes. */

import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');

/** An address of this machine that is not loopback: for a rehearsal it is another machine. */
const address = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find((one) => !one.internal && isIPv4(one.address))?.address;

let dir = '';
let server: Server;
let served = 0;
/** Ends a rehearsal that a failed test leaves behind. */
let over = new AbortController();

beforeEach(async () => {
  dir = await temporaryFolder('consent');
  served = 0;
  over = new AbortController();
  server = createServer((_, response) => {
    served += 1;
    response.end('ok');
  }).listen(0);
  await once(server, 'listening');
});
afterEach(() => {
  over.abort();
  server.closeAllConnections();
  server.close();
});

function portOf(listening: Server): number {
  const bound = listening.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

/** Fifty users a second for ten minutes. */
async function scenario(host: string, { url = '/', port = `${portOf(server)}` } = {}) {
  const folder = join(dir, 'scenario');
  await mkdir(folder, { recursive: true });
  const xml = `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung>
  <clients><client host="localhost"/></clients>
  <servers><server host="${host}" port="${port}" type="tcp"/></servers>
  <load><arrivalphase phase="1" duration="10" unit="minute"><users arrivalrate="50" unit="second"/></arrivalphase></load>
  <sessions><session name="visit" probability="100" type="ts_http">
    <setdynvars sourcetype="value" value="127.0.0.1"><var name="host"/></setdynvars>
    <request subst="true"><http url="${url}" method="GET"/></request>
  </session></sessions>
</tsung>
`;
  await writeFile(join(folder, 'tsung.xml'), xml);
  return folder;
}

async function rehearse(source: string, ...options: readonly string[]) {
  const args = [join(root, 'src/cli.ts'), 'rehearse', source, '--exit', '--out', join(dir, 'out')];
  return await execa(node, [...args, ...options], {
    reject: false,
    stdin: 'ignore',
    cancelSignal: over.signal,
  });
}

it('fires at nobody else without a terminal and without --yes, and keeps what lies there', async () => {
  if (address === undefined) throw new Error('this test needs an address that is not loopback');
  await mkdir(join(dir, 'out/instance'), { recursive: true });
  await writeFile(join(dir, 'out/.onager-rehearsal'), '');
  const { exitCode, stdout, stderr } = await rehearse(await scenario(address));
  expect(exitCode).toBe(64);
  expect(stdout).toBe('');
  expect(stderr).toContain(
    `FIRE_REFUSED: nothing was fired at ${address}:${portOf(server)} (30,000 users in 600 s, at most 50 new ones a second): not this machine`,
  );
  expect(stderr).toContain('--yes');
  expect(served).toBe(0);
  expect(await readdir(join(dir, 'out'))).toEqual(['.onager-rehearsal', 'instance']);
});

/** At a terminal, which answers as soon as it is asked. */
async function rehearseAt(source: string, answer: string) {
  const args = [node, join(root, 'src/cli.ts'), 'rehearse', source, '--exit'];
  const command = [...args, '--out', join(dir, 'out'), '--duration', '2s'].join(' ');
  const child = execa('script', ['-qec', command, '/dev/null'], {
    reject: false,
    cancelSignal: over.signal,
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (!text.includes('[y/N]') && `${text}${chunk}`.includes('[y/N]')) child.stdin.write(answer);
    text += chunk;
  });
  return await child;
}

it.each([
  ['n\n', 64, 'FIRE_REFUSED'],
  ['\n', 64, 'FIRE_REFUSED'],
  ['\u0004', 64, 'FIRE_REFUSED'],
  ['\u0003', 130, 'ended by SIGINT'],
])('asks at a terminal, and %j is no yes', async (answer, exit, words) => {
  const { exitCode, stdout } = await rehearseAt(await scenario(address ?? ''), answer);
  expect(stdout).toContain('would fire');
  expect(stdout).not.toMatch(/^fires /m);
  expect(stdout).toContain(words);
  expect(exitCode).toBe(exit);
  expect(served).toBe(0);
});

it('asks at a terminal, and fires after a yes', async () => {
  const { exitCode, stdout } = await rehearseAt(await scenario(address ?? ''), 'y\n');
  expect(stdout).toContain(`Fire at ${address}:${portOf(server)}? [y/N]`);
  expect(exitCode).toBe(0);
  expect(served).toBeGreaterThan(0);
});

it('asks as well where only the run itself finds out whom it fires at', async () => {
  const source = await scenario('127.0.0.1', { url: 'http://%%_host%%/' });
  const { exitCode, stderr } = await rehearse(source);
  expect(exitCode).toBe(64);
  expect(stderr).toContain('hosts that only the run itself finds out');
});

it('asks as well where a variable completes the address of a request', async () => {
  const source = await scenario('127.0.0.1', { url: 'http%%_host%%' });
  const { exitCode, stderr } = await rehearse(source);
  expect(stderr).toContain('hosts that only the run itself finds out');
  expect(exitCode).toBe(64);
});

it('asks as well where a session changes to a host at a port that is a variable', async () => {
  if (address === undefined) throw new Error('this test needs an address that is not loopback');
  const source = await scenario('127.0.0.1');
  const path = join(source, 'tsung.xml');
  const change = `<change_type new_type="ts_http" host="${address}" port="%%_host%%" server_type="tcp"/>`;
  const xml = await readFile(path, 'utf8');
  await writeFile(path, xml.replace('<request', `${change}<request`));
  const { exitCode, stderr } = await rehearse(source);
  expect(stderr).toContain(`nothing was fired at ${address}:%%_host%%`);
  expect(exitCode).toBe(64);
});

it('fires a short trial with --yes, --duration and --rate, and the report says so', async () => {
  if (address === undefined) throw new Error('this test needs an address that is not loopback');
  const trial = ['--yes', '--duration', '4s', '--rate', '20%'];
  const { exitCode, stdout } = await rehearse(await scenario(address), ...trial);
  expect(stdout).toContain('fires 40 users in 4 s, at most 10 new ones a second at');
  expect(stdout).toMatch(/outcome: cut/);
  expect(stdout).toMatch(
    /warning: shortened trial: 40 users in 4 s, .*; the scenario plans 30,000 users in 600 s/,
  );
  expect(exitCode).toBe(0);
  expect(served).toBeGreaterThan(0);
  expect(served).toBeLessThan(100);
});

it('fires at this machine without being asked', async () => {
  const { exitCode, stdout } = await rehearse(await scenario('localhost'), '--duration', '2s');
  expect(stdout).toContain(`localhost:${portOf(server)} (this machine)`);
  expect(exitCode).toBe(0);
  expect(served).toBeGreaterThan(0);
});

it('ends with the problems of a scenario before anything starts', async () => {
  const { exitCode, stderr } = await rehearse(await scenario('127.0.0.1', { port: 'web' }));
  expect(exitCode).toBe(65);
  expect(stderr).toMatch(/TSUNG_/);
});

it.each([
  ['--rate', '1', 'is not a percentage'],
  ['--rate', '0%', 'is not a percentage'],
  ['--rate', '150%', 'is not a percentage'],
  ['--duration', '30', 'has no unit'],
  ['--duration', 'soon', 'is not a duration'],
])('%s %s is told as what it is', async (option, value, words) => {
  const { exitCode, stderr } = await rehearse(await scenario('127.0.0.1'), option, value);
  expect(exitCode).toBe(64);
  expect(stderr).toContain(words);
});
