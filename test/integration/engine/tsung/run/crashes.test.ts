/** What is counted, told and written of users that crash inside the real Tsung. */

import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Interval } from '../../../../../src/engine/samples.ts';
import { createRecordReader } from '../../../../../src/engine/tsung/output/records.ts';
import { tsung } from '../../../../../src/engine/tsung/tsung.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';
import {
  portOf,
  type Run,
  type RunOptions,
  runTsungIn,
  scenario,
  startTarget,
} from '../../../../support/tsung-run.ts';

const runTsung = async (options: RunOptions): Promise<Run> =>
  await runTsungIn(await temporaryFolder('crashes'), options);

const load = (rate: number, seconds: number): string =>
  `<arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="${rate}" unit="second"/></arrivalphase>`;
const session = (content: string): string =>
  `<session name="shop" probability="100" type="ts_http">${content}</session>`;
const request = '<request><http url="/a"/></request>';
const variable = (attributes: string): string =>
  `<setdynvars ${attributes}><var name="v"/></setdynvars>`;
const evaluated = (body: string): string =>
  variable(`sourcetype="eval" code="fun({_Pid,_Vars}) -> ${body} end."`);

const inScenario = "user crashed in the scenario's own code";

describe.concurrent('users that crash', () => {
  it.each<readonly [where: string, session: string, kind: string, name: string]>([
    ['in an eval', evaluated('1 = 2'), `${inScenario} (eval): badmatch`, 'session shop'],
    [
      'in the last call of an eval',
      request + evaluated('list_to_integer(&quot;x&quot;)'),
      `${inScenario} (eval): badarg in erlang:list_to_integer/1`,
      'GET /a',
    ],
    ['by an exit', request + evaluated('exit(enough)'), `${inScenario} (eval): enough`, 'GET /a'],
    [
      'in a callback of no module',
      variable('sourcetype="erlang" callback="accounts:next"') + request,
      `${inScenario}: accounts:next/1 undefined`,
      'session shop',
    ],
    [
      'in a substitution',
      `${request}<request subst="true"><http url="/u/%%accounts:next%%"/></request>`,
      `${inScenario}: accounts:next/1 undefined`,
      'GET /u/%%accounts:next%%',
    ],
    [
      'at a loop of words',
      `${variable('sourcetype="value" value="abc"')}<for from="1" to="%%_v%%" var="i">${request}</for>`,
      'user crashed in ts_client:ctrl_struct_impl/2 (Tsung): badarg in erlang:list_to_integer/1',
      'GET /a',
    ],
    [
      'with a process that is linked to them',
      request + evaluated('spawn_link(fun() -> 1 = 2 end), timer:sleep(infinity)'),
      `${inScenario} (eval): badmatch`,
      '',
    ],
    [
      'at a request of another protocol',
      '<request><raw data="ping" ack="local"/></request>',
      'user ended by Tsung: a step of its session is missing: is it of another protocol than the session? (set_profile_error)',
      'session shop',
    ],
  ])('%s are each counted once, by their reason', async (_where, content, kind, name) => {
    await using target = await startTarget();
    const files = {
      'tsung.xml': scenario({ port: target.port, load: load(5, 2), sessions: session(content) }),
    };
    const run = await runTsung({ files });
    const users = startedIn(run.intervals);
    expect(users).toBeGreaterThan(0);
    expect(errorsIn(run.intervals)).toEqual({ [kind]: users });
    expect(finishedIn(run.intervals)).toBe(users);
    expect(run.unreadable).toBe(0);
    const seen = await errorsSeen(run);
    expect(seen).toHaveLength(Math.min(users, 5));
    for (const error of seen) expect(error).toMatchObject({ name, status: 0, error: kind });
    const output = { dir: run.dir, hasEnded: async () => true };
    const told = kind.replace('user crashed ', '').replace('user ', '');
    const wanted = expect.stringContaining(`crashed: ${told} (${users} times)`);
    if (target.served() > 0) {
      expect(run.outcome).toEqual({ kind: 'complete' });
      expect(await tsung.warnings?.(output)).toMatchObject([{ message: wanted }]);
    } else {
      expect(run.outcome).toMatchObject({
        kind: 'failed',
        problem: { code: 'TSUNG_USERS_CRASHED', message: wanted },
      });
    }
  });

  it('in a flood fill neither the log nor the table, and leave no secret anywhere', async () => {
    await using target = await startTarget();
    const content = `<request><http url="/a" method="POST" contents="\${PASSWORD}"/></request>
      ${variable(`sourcetype="value" value="\${PASSWORD}"`)}${evaluated('{ok, _} = _Vars, 1')}`;
    const run = await runTsung({
      files: {
        'tsung.xml': scenario({
          port: target.port,
          load: load(200, 3),
          sessions: session(content),
        }),
      },
      vars: { PASSWORD: 'hunter2-hunter2' },
    });
    const users = startedIn(run.intervals);
    expect(users).toBeGreaterThan(5);
    expect(errorsIn(run.intervals)).toEqual({ [`${inScenario} (eval): badmatch`]: users });
    expect(run.counts.get('request POST /a')).toBe(target.served());
    const log = await controllerLog(run);
    expect(log.match(/State machine .* terminating/g)).toHaveLength(5);
    expect(log).toContain('badmatch');
    expect(log).not.toContain('hunter2');
    expect(await readFile(join(run.dir, 'onager.records'), 'latin1')).not.toContain('hunter2');
  });

  it('are counted by their reason where nothing is recorded, too', async () => {
    await using target = await startTarget();
    const run = await runTsung({
      samples: false,
      files: {
        'tsung.xml': scenario({
          port: target.port,
          load: load(5, 2),
          sessions: session(evaluated('1 = 2')),
        }),
      },
    });
    const kind = `${inScenario} (eval): badmatch`;
    expect(errorsIn(run.intervals)).toEqual({ [kind]: startedIn(run.intervals) });
  });
});

it('says of a target that speaks no TLS why no connection came about', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const text = scenario({
    port: portOf(server.address()),
    load: load(3, 1),
    sessions: session(request),
  });
  const run = await runTsung({ files: { 'tsung.xml': text.replace('type="tcp"', 'type="ssl"') } });
  server.close();
  expect(run.outcome).toMatchObject({
    kind: 'failed',
    problem: {
      code: 'TARGET_UNREACHABLE',
      message: expect.stringMatching(/could connect to the target: TLS: .* \(error_connect_tls_/),
      hint: expect.stringContaining('TLS fails'),
    },
  });
});

const sum = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((total, value = 0) => total + value, 0);
const startedIn = (intervals: readonly Interval[]): number =>
  sum(intervals.map(({ usersStarted }) => usersStarted));
const finishedIn = (intervals: readonly Interval[]): number =>
  sum(intervals.map(({ usersFinished }) => usersFinished));

function errorsIn(intervals: readonly Interval[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { errors } of intervals)
    for (const [kind, count] of Object.entries(errors)) counts[kind] = (counts[kind] ?? 0) + count;
  return counts;
}

async function errorsSeen(run: Run): Promise<readonly unknown[]> {
  const bytes = await readFile(join(run.dir, 'onager.records'));
  const batches = [...createRecordReader('onager.records').push(bytes)];
  return batches.flatMap((batch) => (batch.type === 'totals' ? batch.errors : []));
}

async function controllerLog({ dir }: Run): Promise<string> {
  const names = await readdir(join(dir, 'tsung'), { recursive: true });
  const name = names.find((path) => /tsung_controller[^/]*\.log$/.test(path));
  return await readFile(join(dir, 'tsung', name ?? ''), 'latin1');
}
