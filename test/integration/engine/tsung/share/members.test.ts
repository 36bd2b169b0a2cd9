/** Members fire a scenario on the real Tsung: together it is fired once, and nothing twice. */

import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tsung } from '../../../../../src/engine/tsung/tsung.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';
import {
  portOf,
  type Run,
  type RunOptions,
  runTsungIn,
  scenario,
} from '../../../../support/tsung-run.ts';

const weights = [2, 1, 1];
const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${at + 1}`);
const sorted = (values: Iterable<string>): readonly string[] =>
  [...values].toSorted((a, b) => Number(a) - Number(b));

const session = (name: string, probability: number, content: string, type = 'ts_http'): string =>
  `<session name="${name}" probability="${probability}" type="${type}">${content}</session>`;
const http = (url: string): string => `<request subst="true"><http url="${url}"/></request>`;

/** However slow the machine is, there are that many users. */
const arrivals = (phase: number, most: number, seconds: number, more = ''): string =>
  `<arrivalphase phase="${phase}" duration="${seconds}" unit="second"><users maxnumber="${most}" arrivalrate="30" unit="second"/>${more}</arrivalphase>`;

/** Users of a phase, users that are started one by one, a file, and users that wait for all. */
const together = {
  load: `${arrivals(1, 20, 60)}${numbers(5)
    .map((one) => `<user session="single-${one}" start_time="${one}" unit="millisecond"/>`)
    .join('')}`,
  options:
    '<option name="file_server" id="u" value="users.csv"/><option name="global_number" value="20"/>',
  sessions: [
    session(
      'arriving',
      100,
      `<setdynvars sourcetype="file" fileid="u" order="iter"><var name="line"/></setdynvars>
       ${http('/line/%%_line%%')}${http('/user/%%_tsung_userid%%')}
       <thinktime value="wait_global"/>${http('/waited/%%_line%%')}`,
    ),
    ...numbers(5).map((one) => session(`single-${one}`, 0, http(`/single/${one}`))),
  ].join(''),
};

it.concurrent('fires each user, each line and each number once', { timeout: 120_000 }, async () => {
  await using target = await asked();
  const files = {
    'tsung.xml': scenario({ port: target.port, ...together }),
    'users.csv': `${numbers(20).join('\n')}\n`,
  };
  const runs = await fireAll(files);
  expect(runs.map(({ plan }) => plan.plannedUsers)).toEqual([13, 6, 6]);
  const all = target.byKind();
  expect(sorted(all.get('line') ?? [])).toEqual(numbers(20));
  expect(sorted(all.get('waited') ?? [])).toEqual(numbers(20));
  expect(sorted(all.get('single') ?? [])).toEqual(numbers(5));
  expect(new Set(all.get('user')).size).toBe(20);
});

it.concurrent('keeps the time and the sessions of phases in which a member fires nobody', {
  timeout: 120_000,
}, async () => {
  await using target = await asked();
  const only = (name: string): string => `<session_setup name="${name}" probability="100"/>`;
  const others = (name: string): string => `<session_setup name="${name}" probability="0"/>`;
  const [early, late] = [`${only('early')}${others('late')}`, `${only('late')}${others('early')}`];
  const load = [
    arrivals(1, 1, 1, early),
    arrivals(2, 2, 1, early),
    arrivals(3, 1, 1, early),
    arrivals(4, 8, 60, late),
  ].join('');
  const sessions = [
    session('early', 50, http('/early/%%_tsung_userid%%')),
    session('late', 50, http('/late/%%_tsung_userid%%')),
  ].join('');
  const files = { 'tsung.xml': scenario({ port: target.port, load, sessions }) };
  const startedAt = Date.now();
  await fireAll(files);
  // Three phases of a second each. Tsung begins them up to a second before its first user.
  expect(target.firstAt('late') - startedAt).toBeGreaterThan(3_000);
  const all = target.byKind();
  expect(all.get('early')?.length).toBe(4);
  expect(new Set(all.get('late')).size).toBe(8);
});

it.concurrent('logs each user of XMPP in once, while all are logged in', {
  timeout: 120_000,
}, async () => {
  const users: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const text = bytes.toString();
      const [, user] = /type='set'.*<username>(?:u)(\d+)<\/username>/s.exec(text) ?? [];
      if (user !== undefined) users.push(user);
      const begins = text.includes('<stream:stream');
      socket.write(begins ? "<?xml version='1.0'?><stream:stream id='1'>" : "<iq type='result'/>");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ack = (type: string): string => `<request><jabber type="${type}" ack="local"/></request>`;
  const option = (name: string, value: string): string =>
    `<option type="ts_jabber" name="${name}" value="${value}"/>`;
  const text = scenario({
    port: portOf(server.address()),
    load: arrivals(1, 12, 60),
    options: `${option('userid_max', '12')}${option('global_number', '12')}${option('username', 'u')}${option('passwd', 'p')}`,
    sessions: session(
      'chat',
      100,
      `${ack('connect')}${ack('auth_get')}${ack('auth_set_plain')}
       <thinktime value="wait_global"/>${ack('close')}`,
      'ts_jabber',
    ),
  });
  await fireAll({ 'tsung.xml': text });
  server.close();
  expect(sorted(users)).toEqual(numbers(12));
});

it.concurrent('fires nothing where nothing is left for it, and ends', {
  timeout: 60_000,
}, async () => {
  await using target = await asked();
  const load = arrivals(1, 1, 60);
  const sessions = session('one', 100, http('/one/%%_tsung_userid%%'));
  const run = await runTsungIn(await temporaryFolder('member'), {
    files: { 'tsung.xml': scenario({ port: target.port, load, sessions }) },
    share: { index: 2, weights: [1, 1, 1] },
  });
  expect([run.plan.plannedUsers, target.byKind().size]).toEqual([0, 0]);
  expect(run.outcome).toEqual({ kind: 'complete' });
});

it.concurrent('plans a share, and says so', { timeout: 60_000 }, async () => {
  await using target = await asked();
  const [dir, outputDir] = [await temporaryFolder('scenario'), await temporaryFolder('out')];
  await writeFile(join(dir, 'tsung.xml'), scenario({ port: target.port, ...together }));
  await writeFile(join(dir, 'users.csv'), '1\n2\n');
  const preparation = await tsung.prepare(
    { dir, files: ['tsung.xml', 'users.csv'], entry: 'tsung.xml', vars: {} },
    { outputDir, cpus: 2, memoryBytes: 2 ** 31, samples: true, names: 'template' },
    { durationMs: 60_000, minFreeBytes: 0 },
    { signal: AbortSignal.timeout(60_000), share: { index: 2, weights } },
  );
  if (!('plan' in preparation)) throw new Error(JSON.stringify(preparation.problems));
  expect(preparation.plan).toMatchObject({ plannedUsers: 6, env: { ONAGER_SHARE: '4:3' } });
  expect(preparation.plan.changes.map(({ what }) => what)).toContain(
    'this member fires 1/4 of the load: 6 of 25 users, at most 7.5 of 30 new users a second',
  );
  expect(preparation.warnings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['SHARE_APART', 'SHARE_REPEATED']),
  );
});

/** By all members at once. Each fires what it plans. */
async function fireAll(files: RunOptions['files']): Promise<readonly Run[]> {
  const runs = await Promise.all(
    weights.map(async (_, index) => {
      const share = { index, weights };
      return await runTsungIn(await temporaryFolder('member'), { files, share });
    }),
  );
  for (const run of runs) {
    expect(run.outcome).toEqual({ kind: 'complete' });
    expect(started(run)).toBe(run.plan.plannedUsers);
  }
  return runs;
}

function started({ intervals }: Run): number {
  return intervals.reduce((total, { usersStarted }) => total + (usersStarted ?? 0), 0);
}

type Asked = AsyncDisposable &
  Readonly<{
    port: number;
    /** What was asked for, `/kind/what`, as often as it was. */
    byKind(): ReadonlyMap<string, readonly string[]>;
    firstAt(kind: string): number;
  }>;

async function asked(): Promise<Asked> {
  const byKind = new Map<string, string[]>();
  const firstAt = new Map<string, number>();
  const server: Server = createServer(({ url = '' }, response) => {
    const [, kind = '', what = ''] = url.split('/');
    byKind.set(kind, [...(byKind.get(kind) ?? []), what]);
    if (!firstAt.has(kind)) firstAt.set(kind, Date.now());
    response.end('hello');
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.address()),
    byKind: () => byKind,
    firstAt: (kind) => firstAt.get(kind) ?? Number.NaN,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
