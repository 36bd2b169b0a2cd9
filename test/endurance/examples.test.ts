/**
 * Debian's own example scenarios, fired for real at servers on loopback: Onager's report says what
 * those servers counted.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Summary } from '../../src/report/summary.ts';
import { beginRehearsalOf, finalSummary, isOver, until } from '../support/rehearsal.ts';

const run = promisify(execFile);
const examples = '/usr/share/doc/tsung/examples';
const minute = 60_000;

/** The changes to an example: text by text, in order. Ten minutes of load become seconds. */
type Edits = readonly (readonly [string | RegExp, string])[];

const shortLoad: Edits = [
  [/duration="\d+" unit="(minute|hour|second)"/g, 'duration="10" unit="second"'],
  [/interarrival="[\d.]+"/g, 'interarrival="1"'],
  [/<thinktime value="\d+"( random="true")?/g, '<thinktime value="1"'],
];
const shop: Edits = [
  [/<monitor host="myserver"/, '<monitor host="127.0.0.1"'],
  [/<server host="\w+" port="80"/, `<server host="\${TARGET_HOST}" port="\${TARGET_PORT}"`],
];

it('http_simple', async () => {
  const { summary, served } = await fire('http_simple.xml', [...shortLoad, ...shop]);
  expect(summary.totals.requests).toBe(served);
  expect(summary.sampling.requests).toBe('each');
});

it('http_distributed, with its faults mended: a sum of 60 %, a missing file, hosts that are not there', async () => {
  const { summary, served } = await fire(
    'http_distributed.xml.gz',
    [
      ...shortLoad,
      ...shop,
      [/probability="30"/g, 'probability="50"'],
      [/http:\/\/(linuxit02|localhost:8080)\//g, `http://\${TARGET_HOST}:\${TARGET_PORT}/`],
    ],
    { 'test_file_server.csv': 'a;b\nc;d\n' },
  );
  expect(summary.totals.requests).toBe(served);
  expect(summary.engine?.changes.map(({ what }) => what).join()).toMatch(/monitor/);
});

it('http_setdynvars, with its missing file', async () => {
  const { summary, served } = await fire('http_setdynvars.xml', [...shortLoad, ...shop], {
    'test_file_server.csv': 'anna;secret\nbert;geheim\n',
  });
  expect(summary.totals.requests).toBe(served);
});

it('websocket: every request by name', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) =>
    socket.on('message', () => socket.send('{"uid": 1, "status": "ok"}')),
  );
  await once(server, 'listening');
  const { summary } = await fire('websocket.xml', [
    ...shortLoad,
    [/port="8080"/, `port="${portOf(server)}"`],
    [/maxnumber="1" /, ''],
  ]);
  server.close();
  expect(summary.names.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['websocket connect', 'websocket message']),
  );
  expect(summary.latency?.p95Ms).toBeGreaterThan(0);
});

it('pgsql, at a PostgreSQL server', async () => {
  await using database = await startPostgres();
  const { summary } = await fire('pgsql.xml', [
    ...shortLoad,
    [/port="5432"/, `port="${database.port}"`],
  ]);
  expect(summary.sampling.requests).toBe('each');
  expect(summary.names.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
    expect.arrayContaining(['transaction connection', 'transaction authentication']),
  );
});

it('raw, at an echo server', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { summary } = await fire('raw.xml', [
    ...shortLoad,
    [/host="localhost" port="7"/, `host="127.0.0.1" port="${portOf(server)}"`],
  ]);
  server.close();
  expect(summary.sampling.requests).toBe('each');
  expect(summary.names.map(({ kind }) => kind)).toContain('transaction');
});

async function fire(
  example: string,
  edits: Edits,
  files: Readonly<Record<string, string>> = {},
): Promise<{ summary: Summary; served: number }> {
  const dir = await mkdtemp(join(tmpdir(), 'onager-example-'));
  const raw = await readFile(join(examples, example));
  const text = (example.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
  const edited = edits.reduce((before, [from, to]) => before.replace(from, () => to), text);
  await writeFile(join(dir, 'tsung.xml'), edited);
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  await using rehearsed = await beginRehearsalOf(dir);
  const state = await until(rehearsed, isOver, 3 * minute);
  expect(state.problems).toEqual([]);
  expect(state.outcome).toEqual({ kind: 'complete' });
  const summary = await finalSummary(rehearsed);
  const served = rehearsed.simulation.target.served();
  await rm(dir, { recursive: true });
  say(example, summary, served);
  expect(summary.totals.requests).toBeGreaterThan(0);
  return { summary, served };
}

function say(example: string, { latency, names, sampling, totals }: Summary, served: number): void {
  const transactions = names.filter(({ kind }) => kind === 'transaction');
  console.log(
    [
      `${example}: ${totals.requests} requests (target ${served}), ${totals.failed} failed, ${totals.otherErrors} other errors,`,
      `p50 ${latency?.p50Ms} ms, p95 ${latency?.p95Ms} ms, p99 ${latency?.p99Ms} ms; sampling ${sampling.requests}`,
      sampling.note ?? '',
      ...transactions.map(
        ({ count, latency: own, name }) => `  transaction ${name}: ${count}, p95 ${own?.p95Ms} ms`,
      ),
    ].join('\n'),
  );
}

function portOf(server: Server | WebSocketServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return (address satisfies AddressInfo).port;
}

/** A separate PostgreSQL, with the user and the tables that the example needs. */
async function startPostgres(): Promise<AsyncDisposable & { port: number }> {
  const [version] = await readdir('/usr/lib/postgresql');
  const bin = join('/usr/lib/postgresql', version ?? '', 'bin');
  const dir = await mkdtemp(join(tmpdir(), 'onager-postgres-'));
  const { stdout: uid } = await run('id', ['-u', 'postgres']);
  const { stdout: gid } = await run('id', ['-g', 'postgres']);
  await chown(dir, Number(uid), Number(gid));
  const as = (command: string, ...args: string[]) =>
    run('runuser', ['-u', 'postgres', '--', join(bin, command), ...args], { cwd: dir });
  const data = join(dir, 'data');
  await as('initdb', '-D', data, '--auth-local=trust', '--auth-host=md5');
  const port = await freePort();
  const options = `-p ${port} -h 127.0.0.1 -k ${dir} -c password_encryption=md5`;
  const server = execa(
    'runuser',
    [
      '-u',
      'postgres',
      '--',
      join(bin, 'pg_ctl'),
      '-D',
      data,
      '-w',
      '-l',
      join(dir, 'log'),
      '-o',
      options,
      'start',
    ],
    { cwd: dir },
  );
  await server;
  const sql = "CREATE USER bench PASSWORD 'sesame'; CREATE DATABASE bench OWNER bench;";
  for (const statement of sql.split('; '))
    await as('psql', '-h', dir, '-p', String(port), '-c', statement, 'postgres');
  const tables =
    'CREATE TABLE accounts (id int); CREATE TABLE users (id int); GRANT SELECT ON accounts, users TO bench';
  await as('psql', '-h', dir, '-p', String(port), '-c', tables, 'bench');
  return {
    port,
    async [Symbol.asyncDispose]() {
      await as('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}
