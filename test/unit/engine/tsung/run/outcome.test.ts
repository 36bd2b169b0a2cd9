/** How a run ended, judged from recorded output. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineOutput, Exit } from '../../../../../src/engine/engine.ts';
import { outcomeOf, warningsOf } from '../../../../../src/engine/tsung/run/outcome.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const exit = (parts: Partial<Exit> = {}): Exit => ({
  startedAt: '2026-01-01T00:00:00Z',
  endedAt: '2026-01-01T00:01:00Z',
  reason: 'ended',
  exitCode: 0,
  ...parts,
});

type Files = Readonly<Partial<Record<'log' | 'controller' | 'stderr', string>>>;

async function outcomeWith(files: Files, ended: Exit = exit()): ReturnType<typeof outcomeOf> {
  return await outcomeOf(await outputOf(files), ended);
}

async function outputOf(files: Files): Promise<EngineOutput> {
  const dir = await temporaryFolder('outcome');
  const folder = join(dir, 'tsung', '20260101-0000');
  await mkdir(folder, { recursive: true });
  if (files.log !== undefined) await writeFile(join(folder, 'tsung.log'), files.log);
  if (files.controller !== undefined) {
    await writeFile(join(folder, 'tsung_controller_x@127.0.0.1.log'), files.controller);
  }
  if (files.stderr !== undefined) await writeFile(join(dir, 'stderr.log'), files.stderr);
  return { dir, hasEnded: async () => true };
}

const block = '# stats: dump at 1795385441\nstats: users 0 29\n';
const end = 'EndMonitor:{1795,385441,449612}\n';
const blockOf = (...lines: readonly string[]): string =>
  ['# stats: dump at 1795385441', ...lines.map((line) => `stats: ${line}`), ''].join('\n');
/** As recorded of 10 users with one retry each. */
const unreachable = blockOf(
  'users 0 5',
  'users_count 0 10',
  'finish_users_count 0 10',
  'tr_t1 0 0 0 513.4 301.2 379.6 10',
  'error_connect_econnrefused 0 20',
  'error_abort_max_conn_retries 0 10',
);
const silent = [
  'users 10 10',
  'users_count 0 10',
  'finish_users_count 0 0',
  'connect 0 0 0 5.428 0.641 1.245 10',
  'size_sent 0 610',
  'connected 0 10',
];
const answered = 'request 1 11.2 0 11.2 11.2 0 0';
const refused = (reason: string): string =>
  `Config Error, aborting ! ${reason}\n {"init terminating"}`;

const crash = (reason: string): string =>
  `=ERROR REPORT====\n** State machine <0.183.0> terminating \n** Reason for termination ==\n** ${reason}\n\n=INFO REPORT====\n`;
const crashed = (users: number, count: number, ...more: readonly string[]): string =>
  blockOf(`users_count 0 ${users}`, `error_unknown 0 ${count}`, ...more) + end;

describe('the outcome of a run', () => {
  it.each<
    readonly [
      string,
      Parameters<typeof outcomeWith>[0],
      Partial<Exit>,
      Readonly<Record<string, unknown>>,
    ]
  >([
    ['ended by itself', { log: block + end }, {}, { kind: 'complete' }],
    [
      'reached its duration',
      {
        log: `${block}stats: error_abort 1 1\n${end}`,
        controller: 'Tsung test max duration reached, exits ! ',
      },
      {},
      { kind: 'cut' },
    ],
    [
      'aborted itself',
      {
        log: `${block}stats: error_abort 1 1\n${end}`,
        controller: "Can't start newbeam on host x (reason: timeout) ! Aborting!",
      },
      {},
      {
        kind: 'failed',
        problem: { code: 'TSUNG_ABORTED', message: expect.stringContaining("Can't start newbeam") },
      },
    ],
    [
      'was killed',
      { log: block },
      { signal: 'SIGKILL' },
      {
        kind: 'interrupted',
        problem: { code: 'TSUNG_INTERRUPTED', message: expect.stringContaining('SIGKILL') },
      },
    ],
    [
      'left nothing',
      {},
      { exitCode: 137 },
      { kind: 'interrupted', problem: { code: 'TSUNG_INTERRUPTED' } },
    ],
    [
      'reached nobody',
      { log: unreachable + end },
      {},
      {
        kind: 'failed',
        problem: {
          code: 'TARGET_UNREACHABLE',
          message:
            'not one of 10 users could connect to the target: error_connect_econnrefused (20 times)',
        },
      },
    ],
    [
      'could not connect its only user',
      { log: `${blockOf('users_count 0 1', 'error_connect_econnrefused 0 1')}${end}` },
      {},
      {
        kind: 'failed',
        problem: {
          message:
            'the only user could not connect to the target: error_connect_econnrefused (1 time)',
        },
      },
    ],
    [
      'lost its only user inside Tsung',
      { log: crashed(1, 1) },
      {},
      {
        kind: 'failed',
        problem: { message: 'the only user sent no request: it crashed inside Tsung' },
      },
    ],
    [
      'got no answer until its duration',
      {
        log: `${blockOf(...silent, 'error_abort 1 1')}${end}`,
        controller: 'Tsung test max duration reached, exits ! ',
      },
      {},
      {
        kind: 'failed',
        problem: {
          code: 'TARGET_UNANSWERED',
          message: 'the target did not answer a single request of 10 users',
        },
      },
    ],
    [
      'got no answer until its limit',
      { log: blockOf(...silent, 'error_timeout 0 3') },
      { reason: 'duration-limit' },
      {
        kind: 'failed',
        problem: {
          code: 'TARGET_UNANSWERED',
          message:
            'the target did not answer a single request of 10 users: error_timeout (3 times)',
        },
      },
    ],
    [
      'got one answer',
      { log: blockOf(...silent, answered) },
      { reason: 'duration-limit' },
      { kind: 'cut' },
    ],
    [
      'got one answer and no other connection',
      { log: unreachable + blockOf('users_count 0 10', 'error_connect_x 1 1', answered) + end },
      {},
      { kind: 'complete' },
    ],
    [
      'asked for nothing',
      { log: blockOf('users_count 0 10', 'session 0 0 0 1 1 1 10') + end },
      {},
      { kind: 'complete' },
    ],
    [
      'sent what asks for no answer',
      { log: blockOf('users_count 0 10', 'size_sent 0 610', 'request_noack 0 10') + end },
      {},
      { kind: 'complete' },
    ],
    [
      'lost all its users inside Tsung',
      { log: crashed(12, 12), controller: crash('set_profile_error') + crash('second') },
      {},
      {
        kind: 'failed',
        problem: {
          code: 'TSUNG_USERS_CRASHED',
          message: expect.stringMatching(
            /^not one of 12 users sent a request: all crashed inside Tsung, the first because a step/,
          ),
        },
      },
    ],
    [
      'lost some users, and the others sent nothing',
      { log: crashed(12, 4) },
      {},
      {
        kind: 'failed',
        problem: {
          message: 'not one of 12 users sent a request: 4 of them crashed inside Tsung',
        },
      },
    ],
    [
      'lost all its users at their first answer',
      { log: crashed(12, 12, 'connect 0 0 0 1 1 1 12', 'size_sent 0 610') },
      {},
      {
        kind: 'failed',
        problem: {
          code: 'TSUNG_USERS_CRASHED',
          message: 'not one request of 12 users was answered: all crashed inside Tsung',
        },
      },
    ],
    [
      'lost some users, and the others could not connect',
      { log: crashed(12, 4, 'error_connect_econnrefused 0 24') },
      {},
      { kind: 'failed', problem: { code: 'TARGET_UNREACHABLE' } },
    ],
    [
      'lost some users only',
      { log: crashed(12, 4, 'request 0 0 0 1 1 1 8', 'size_sent 0 610') },
      {},
      { kind: 'complete' },
    ],
    [
      'was ended by its scenario',
      {
        log: `${block}stats: error_abort 1 1\n${end}`,
        controller: 'OK match, aborting the whole test by request !!!',
      },
      {},
      {
        kind: 'failed',
        problem: {
          code: 'TSUNG_ABORTED',
          message: 'the scenario ended the test: its <match do="abort_test"> took effect',
        },
      },
    ],
    [
      'was stopped before an answer',
      { log: unreachable },
      { reason: 'stopped' },
      { kind: 'stopped' },
    ],
    ['was stopped', { log: block }, { reason: 'stopped' }, { kind: 'stopped' }],
    ['met its limit', { log: block }, { reason: 'duration-limit' }, { kind: 'cut' }],
    [
      'filled the disk',
      { log: block },
      { reason: 'disk-limit' },
      { kind: 'interrupted', problem: { code: 'TSUNG_INTERRUPTED' } },
    ],
    [
      'hung',
      { log: block },
      { reason: 'stalled', detail: 'it hung' },
      { kind: 'failed', problem: { code: 'TSUNG_STALLED', message: 'it hung' } },
    ],
    [
      'did not start',
      {},
      { reason: 'spawn-failed' },
      { kind: 'failed', problem: { code: 'ENGINE_MISSING' } },
    ],
    [
      'was lost',
      { log: block },
      { reason: 'lost' },
      { kind: 'interrupted', problem: { code: 'TSUNG_INTERRUPTED' } },
    ],
  ])('that %s', async (_what, files, parts, expected) => {
    expect(await outcomeWith(files, exit(parts))).toMatchObject(expected);
  });

  it.each([
    [refused('{bad_sum,{error,bad_sum},"…"}'), "the sessions' probabilities do not add up to 100"],
    [refused('{error,already_defined_phase}'), 'two arrival phases have the same number'],
    [
      refused('{invalid_xml,"arrival or interarrival must be specified"}'),
      'arrival or interarrival must be specified',
    ],
    [refused('{error,bad_filename,"/x/y.csv"}'), 'file "/x/y.csv" cannot be read'],
    [
      refused('{undef,[{ts_gopher,session_defaults,[],[]}]}'),
      'session type "ts_gopher" is not installed',
    ],
    [refused('{badmatch,\n   {error,   what}}'), 'for a reason that Onager does not know'],
    [refused('{error,bad_thinktime}'), 'a thinktime is neither a time above 0 nor a range'],
    [
      refused('{badarg,[{re,run,["x"]}]}'),
      'the text of a request has a character that it cannot send',
    ],
    ["Protocol 'inet_tcp': register/listen error: eaddrinuse", 'a port that it needs is in use'],
  ])('that Tsung refused with %.60s', async (stderr, words) => {
    expect(await outcomeWith({ stderr }, exit({ exitCode: 1 }))).toEqual({
      kind: 'failed',
      problem: {
        code: 'TSUNG_CONFIG',
        message: `tsung did not start the load: ${words}`,
        hint: expect.any(String),
      },
    });
  });
});

it('says of a refusal that it does not know only how it begins', async () => {
  const stderr = refused(`{case_clause,\n {ok, ${'x'.repeat(1_000)}}}`);
  const outcome = await outcomeWith({ stderr }, exit({ exitCode: 1 }));
  expect(outcome).toMatchObject({
    problem: {
      message: expect.not.stringContaining('case_clause'),
      hint: expect.stringMatching(/it begins: \{case_clause, \{ok, x{20,120}…$/),
    },
  });
});

it.each([
  [
    `{'module could not be loaded',\n       [{accounts,next,\n            [{{http,0}}],[]}]}`,
    'the Erlang module "accounts" does not exist (accounts:next)',
  ],
  [
    `{'function not exported',[{accounts,next,[{x}],[]}]}`,
    'the Erlang module "accounts" has no such function "next"',
  ],
  [
    '{{badmatch,2},\n    [{erl_eval,expr,6,[]},\n     {ts_client,x,1,[]}]}',
    'there is no match for the value 2 in the code of the scenario',
  ],
  ['{{case_clause,{ok,1}},[{a,b,1,[]}]}', 'there is no case for the value {ok,1}'],
  [
    '{badarg,[{erlang,list_to_integer,["x"],[]}]}',
    'erlang:list_to_integer was given a wrong argument',
  ],
  ['set_profile_error', 'a step of the session is missing'],
  ['{weird,\n   {thing, 1}}', 'Erlang says {weird, {thing, 1}}'],
])('warns of users that crashed with %.40s', async (reason, words) => {
  const log = crashed(12, 4, 'request 0 0 0 1 1 1 8');
  expect(await warningsOf(await outputOf({ log, controller: crash(reason) }))).toEqual([
    {
      code: 'TSUNG_USERS_CRASHED',
      message: expect.stringContaining(
        `4 of 12 users crashed inside Tsung, the first because ${words}`,
      ),
      hint: expect.any(String),
    },
  ]);
});

it('has no warnings if no user crashed', async () => {
  expect(await warningsOf(await outputOf({ log: block + end }))).toEqual([]);
});

describe('an engine that does not come up', () => {
  it.each([
    [
      'Loading of ts_utils.beam failed: requires a more recent Erlang/OTP version than 25',
      'its modules are for a newer Erlang than the one that is installed (requires a more recent Erlang/OTP version than 25)',
    ],
    [
      'init terminating in do_boot ({undef,[{tsung_controller,start,[],[]},{init,start_em,1,[]}]})',
      'Erlang cannot load its module tsung_controller: it is missing, or built for another Erlang',
    ],
    [
      '/usr/bin/tsung: line 76: /usr/bin/erl: No such file or directory\n',
      '/usr/bin/erl: No such file or directory',
    ],
    ['', 'it ended with exit code 1 and no output'],
  ])('has failed, and says why: %.40s', async (stderr, words) => {
    expect(await outcomeWith({ stderr }, exit({ exitCode: 1 }))).toEqual({
      kind: 'failed',
      problem: {
        code: 'ENGINE_BROKEN',
        message: `tsung did not start: ${words}`,
        hint: expect.any(String),
      },
    });
  });

  it.each([
    ['was killed', {}, { exitCode: 137 }],
    ['came up before', { log: block }, { exitCode: 1 }],
  ] as const)('is interrupted if it %s', async (_, files, parts) => {
    const stderr = '[os_mon] x\neheap_alloc: Cannot allocate 123 bytes of memory\n';
    expect(await outcomeWith({ ...files, stderr }, exit(parts))).toMatchObject({
      kind: 'interrupted',
      problem: { message: expect.stringContaining(': eheap_alloc: Cannot allocate 123 bytes') },
    });
  });
});
