/** The adapter with the real Tsung, against targets on the loopback interface. */

import type { Dirent } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { tsung } from '../../../../src/engine/tsung/tsung.ts';
import { publishable } from '../../../../src/publish/run-folder/publishable.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import {
  createTotals,
  killErlang,
  portOf,
  type Run,
  type RunOptions,
  runTsungIn,
  scenario,
  startTarget,
} from '../../../support/tsung-run.ts';

const runTsung = async (options: RunOptions): Promise<Run> =>
  await runTsungIn(await temporaryFolder('tsung'), options);

const arrivals = (rate: number, seconds: number): string =>
  `<arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase>`;

const session = (content: string, type = 'ts_http'): string =>
  `<session name="s" probability="100" type="${type}">${content}</session>`;

const shopping = session(`
  <for from="1" to="20" var="i">
    <transaction name="buy">
      <request><http url="/cart;v=1?item=%%_i%%" method="GET"/></request>
      <request tag="pay"><http url="/fails" method="POST" contents="x"/></request>
    </transaction>
    <thinktime value="0.1" random="false"/>
  </for>`);

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((total, value = 0) => total + value, 0);

describe.concurrent('the real Tsung', () => {
  const servers: Readonly<{ close: () => unknown }>[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });

  it('counts exactly what the target served, by name, and ends complete', async () => {
    await using target = await startTarget();
    const files = {
      'tsung.xml': scenario({ port: target.port, load: arrivals(20, 3), sessions: shopping }),
    };
    const run = await runTsung({ files });
    const served = target.served();
    expect(served).toBeGreaterThan(400);
    expect(run.counts.get('request GET /cart;v=1')).toBe(served / 2);
    expect(run.counts.get('request pay')).toBe(served / 2);
    expect(run.counts.get('transaction buy')).toBe(served / 2);
    expect(run).toMatchObject({
      outcome: { kind: 'complete' },
      sampling: { requests: 'each' },
      failed: served / 2,
      unreadable: 0,
    });
    expect(
      sum(run.intervals.map(({ statuses }) => (statuses['200'] ?? 0) + (statuses['500'] ?? 0))),
    ).toBe(served);
    const started = sum(run.intervals.map(({ usersStarted }) => usersStarted));
    expect(sum(run.intervals.map(({ usersFinished }) => usersFinished))).toBe(started);
    expect(served).toBe(started * 40);
    // Reading again once everything is written gives the same.
    const again = createTotals();
    const output = { dir: run.dir, hasEnded: async () => true };
    const { signal } = new AbortController();
    for await (const batch of tsung.read(output, run.plan, signal)) again.add(batch);
    expect(again.now().counts).toEqual(run.counts);
    expect(again.now().intervals).toEqual(run.intervals);
    const into = await temporaryFolder('native');
    const page = await tsung.nativeReport?.(
      { dir: run.dir, hasEnded: async () => true },
      into,
      AbortSignal.timeout(60_000),
    );
    expect(await readFile(join(into, page ?? ''), 'utf8')).toContain('Tsung');
  });

  it('goes on after phases without users, at their time', async () => {
    await using target = await startTarget();
    const phase = (number: number, users: number, seconds: number): string =>
      `<arrivalphase phase="${number}" duration="${seconds}" unit="second"><users maxnumber="${users}" arrivalrate="30" unit="second"/></arrivalphase>`;
    const load = [phase(1, 0, 1), phase(2, 2, 1), phase(3, 0, 1), phase(4, 0, 1), phase(5, 3, 60)];
    const sessions = session('<request><http url="/"/></request>');
    const startedAt = Date.now();
    const run = await runTsung({
      files: { 'tsung.xml': scenario({ port: target.port, load: load.join(''), sessions }) },
    });
    expect(run.outcome).toEqual({ kind: 'complete' });
    expect(run.plan.plannedUsers).toBe(5);
    expect(target.served()).toBe(5);
    // Tsung begins its phases up to a second before its first user.
    expect(Date.now() - startedAt).toBeGreaterThan(4_000);
  });

  it('is cut at the duration of its load, with rows and statistics alike', async () => {
    await using target = await startTarget();
    const load = arrivals(20, 60);
    const text = scenario({ port: target.port, load, sessions: shopping });
    const run = await runTsung({
      files: { 'tsung.xml': text.replace('<load>', '<load unit="second" duration="3">') },
    });
    expect(run.outcome).toEqual({ kind: 'cut' });
    expect(run.plan.plannedDurationMs).toBe(3_000);
    const rows =
      (run.counts.get('request GET /cart;v=1') ?? 0) + (run.counts.get('request pay') ?? 0);
    expect(rows).toBeGreaterThan(20);
    expect(rows).toBe(
      sum(run.intervals.map(({ statuses }) => (statuses['200'] ?? 0) + (statuses['500'] ?? 0))),
    );
    expect(run.intervals.length).toBeLessThan(12);
  });

  it('reports a target that refuses connections as errors, not as requests', async () => {
    const sessions = session('<request><http url="/"/></request>');
    const run = await runTsung({
      files: { 'tsung.xml': scenario({ port: 1, load: arrivals(5, 1), sessions }) },
    });
    expect([...run.counts.keys()]).toEqual([]);
    expect(
      sum(run.intervals.map(({ errors }) => errors['error_connect_econnrefused'] ?? 0)),
    ).toBeGreaterThan(0);
    expect(run.outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'TARGET_UNREACHABLE' },
    });
  });

  it('reports a target that takes connections and never answers as such, when the load is cut', async () => {
    const silent = createServer();
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const sessions = session('<request><http url="/"/></request>');
    const text = scenario({ port: portOf(silent.address()), load: arrivals(5, 1), sessions });
    const files = { 'tsung.xml': text.replace('<load', '<load duration="3" unit="second"') };
    const { outcome } = await runTsung({ files });
    expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'TARGET_UNANSWERED' } });
  });

  it('knows a connection closed without an answer as a failed request', async () => {
    await using target = await startTarget();
    const sessions = session('<request><http url="/closes"/></request>');
    const run = await runTsung({
      files: { 'tsung.xml': scenario({ port: target.port, load: arrivals(5, 1), sessions }) },
    });
    expect(run.counts.get('request GET /closes')).toBe(run.failed);
    expect(run.failed).toBeGreaterThan(0);
  });

  it('knows every WebSocket and raw TCP request by name', async () => {
    let messages = 0;
    const echo = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    echo.on('connection', (socket) =>
      socket.on('message', (data) => {
        messages += 1;
        socket.send(String(data));
      }),
    );
    const raw = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        messages += 1;
        socket.write('pong');
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    servers.push(echo, raw);
    const sessions = `
      <session name="chat" probability="50" type="ts_websocket">
        <request><websocket type="connect" path="/"/></request>
        <for from="1" to="3" var="i"><request><websocket type="message">hi</websocket></request></for>
        <request><websocket type="close"/></request>
      </session>
      <session name="line" probability="50" type="ts_raw">
        <change_type new_type="ts_raw" host="127.0.0.1" port="${portOf(raw.address())}" server_type="tcp"/>
        <for from="1" to="3" var="i"><request><raw data="ping" ack="local"/></request></for>
      </session>`;
    const run = await runTsung({
      files: {
        'tsung.xml': scenario({ port: portOf(echo.address()), load: arrivals(10, 2), sessions }),
      },
    });
    expect(run.sampling.requests).toBe('each');
    const chats = run.counts.get('request websocket connect') ?? 0;
    expect(run.counts.get('request websocket message') ?? 0).toBe(chats * 3);
    expect(run.counts.get('request raw') ?? 0).toBe(messages - chats * 3);
    expect(run).toMatchObject({ unreadable: 0, outcome: { kind: 'complete' } });
  });

  it('gives counts and means without samples', async () => {
    await using target = await startTarget();
    const run = await runTsung({
      samples: false,
      files: {
        'tsung.xml': scenario({ port: target.port, load: arrivals(10, 2), sessions: shopping }),
      },
    });
    expect(run.counts.size).toBe(0);
    const requests = run.intervals.flatMap(({ timings }) =>
      timings.filter(({ kind }) => kind === 'request'),
    );
    expect(sum(requests.map(({ count }) => count))).toBe(target.served());
  });

  it('runs a scenario of several files and variables', async () => {
    await using target = await startTarget();
    const text = scenario({
      port: target.port,
      // Enough for at least two, whenever they come, even on a busy machine.
      load: arrivals(30, 3),
      sessions: '&shop;',
      options: '<option name="file_server" id="users" value="/home/me/users.csv"/>',
    })
      .replace('tsung-1.0.dtd">', 'tsung-1.0.dtd" [<!ENTITY shop SYSTEM "/home/me/shop.xml">]>')
      .replace('host="127.0.0.1"', ['host="$', '{HOST}"'].join(''));
    const run = await runTsung({
      names: 'url',
      vars: { HOST: '127.0.0.1' },
      files: {
        'tsung.xml': text,
        'users.csv': 'ann;1\nbob;2\n',
        'shop.xml': session(
          '<setdynvars sourcetype="file" fileid="users" order="iter"><var name="user"/><var name="number"/></setdynvars><request subst="true"><http url="/u/%%_user%%"/></request>',
        ),
      },
    });
    const names = [...run.counts.keys()].filter((name) => name.startsWith('request'));
    expect(names.toSorted()).toEqual(['request GET /u/ann', 'request GET /u/bob']);
    expect(target.served()).toBe(sum(names.map((name) => run.counts.get(name) ?? 0)));
  });

  it('says in words why Tsung refused a scenario', async () => {
    await using target = await startTarget();
    const sessions = shopping.replace('probability="100"', 'probability="60"');
    const run = await runTsung({
      files: { 'tsung.xml': scenario({ port: target.port, load: arrivals(5, 1), sessions }) },
    });
    expect(run.outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'TSUNG_CONFIG', message: expect.stringContaining('do not add up to 100') },
    });
  });

  it.each([
    [
      'a match',
      '<request><match do="abort_test" when="match">500</match><http url="/fails"/></request>',
      'its <match do="abort_test"> took effect',
    ],
    ['an abort', '<abort type="all"/>', 'a user reached its <abort type="all"/>'],
  ])('keeps every row of a test that ends itself by %s', async (_, last, message) => {
    await using target = await startTarget();
    const load =
      '<arrivalphase phase="1" duration="60" unit="second"><users arrivalrate="10" maxnumber="20" unit="second"/></arrivalphase>';
    // The last user takes long enough for all the others to get their answers.
    const sessions = session(
      `<for from="1" to="20" var="i"><request><http url="/"/></request></for>
       <if var="tsung_userid" eq="20"><thinktime value="1" random="false"/>${last}</if>`,
    );
    const run = await runTsung({
      files: { 'tsung.xml': scenario({ port: target.port, load, sessions }) },
    });
    expect(run.outcome).toMatchObject({
      kind: 'failed',
      problem: { code: 'TSUNG_ABORTED', message: `the scenario ended the test: ${message}` },
    });
    const served = target.served();
    expect(served).toBeGreaterThanOrEqual(400);
    expect(run.counts.get('request GET /')).toBe(400);
    expect(run.counts.get('request GET /fails') ?? 0).toBe(served - 400);
    expect(sum(run.intervals.map(({ requests }) => requests ?? 0))).toBe(served);
  });

  it('writes the values of variables into no file that is published', async () => {
    await using target = await startTarget();
    const sessions = session(
      `<request><http url="/login" method="POST" contents="p=\${PASSWORD}"/></request>`,
    );
    const run = await runTsung({
      files: { 'tsung.xml': scenario({ port: target.port, load: arrivals(5, 1), sessions }) },
      vars: { PASSWORD: 'hunter2-hunter2' },
    });
    expect(run.outcome).toEqual({ kind: 'complete' });
    const files = await readdir(run.dir, { recursive: true, withFileTypes: true });
    const published = files.filter(
      (file) => file.isFile() && publishable(publishedName(run.dir, file)) !== undefined,
    );
    expect(published.length).toBeGreaterThan(3);
    for (const file of published) {
      const text = await readFile(join(file.parentPath, file.name), 'utf8');
      expect(text, file.name).not.toContain('hunter2');
    }
  });

  it('says why Tsung does not come up', async () => {
    await using target = await startTarget();
    const dir = await temporaryFolder('broken');
    const script = join(dir, 'tsung');
    const text = await readFile('/usr/bin/tsung', 'utf8');
    await writeFile(script, text.replace(/^INSTALL_DIR=.*$/m, `INSTALL_DIR=${dir}`), {
      mode: 0o755,
    });
    const run = await runTsung({
      script,
      files: {
        'tsung.xml': scenario({ port: target.port, load: arrivals(5, 1), sessions: shopping }),
      },
    });
    expect(run.outcome).toMatchObject({
      kind: 'failed',
      problem: {
        code: 'ENGINE_BROKEN',
        message: expect.stringContaining('cannot load its module tsung_controller'),
      },
    });
  });

  it('knows a killed run as interrupted', async () => {
    await using target = await startTarget();
    const run = await runTsung({
      files: {
        'tsung.xml': scenario({ port: target.port, load: arrivals(10, 30), sessions: shopping }),
      },
      async onRunning(_plan, pid) {
        await killErlang(pid, 'SIGKILL');
      },
    });
    expect(run.outcome).toMatchObject({
      kind: 'interrupted',
      problem: { code: 'TSUNG_INTERRUPTED' },
    });
  });
});

function publishedName(dir: string, { name, parentPath }: Dirent): string {
  return join('engine', relative(dir, parentPath), name);
}
