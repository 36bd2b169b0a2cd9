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

const inEval = 'error_crash@user@eval@badmatch';
const crashed = (users: number, count: number, ...more: readonly string[]): string =>
  blockOf(`users_count 0 ${users}`, `error_unknown 0 ${count}`, `${inEval} 0 ${count}`, ...more) +
  end;

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
        problem: {
          message:
            "the only user sent no request and crashed: in the scenario's own code (eval): badmatch (once)",
        },
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
      { log: crashed(12, 12) },
      {},
      {
        kind: 'failed',
        problem: {
          code: 'TSUNG_USERS_CRASHED',
          message:
            "not one of 12 users sent a request, all crashed: in the scenario's own code (eval): badmatch (12 times)",
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
          message: expect.stringMatching(
            /^not one of 12 users sent a request, 4 of them crashed: in the scenario's/,
          ),
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
          message: expect.stringMatching(
            /^not one request of 12 users was answered, all crashed: in/,
          ),
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

it('warns of users that crashed with the reasons, the most frequent first', async () => {
  const log = crashed(
    12,
    2,
    'request 0 0 0 1 1 1 8',
    'error_crash@user@own@accounts@next@1@undef 1 5',
    'error_crash@user@tsung@ts_dynvars@set@3@function_clause 0 1',
    'error_crash@ts_launcher@tsung@ts_launcher@launcher@2@badarith 0 1',
  );
  expect(await warningsOf(await outputOf({ log }))).toEqual([
    {
      code: 'TSUNG_USERS_CRASHED',
      message:
        "8 of 12 users crashed: in the scenario's own code: accounts:next/1 undefined (5 times); " +
        "in the scenario's own code (eval): badmatch (2 times); " +
        'in ts_dynvars:set/3 (Tsung): function_clause (once), and for 1 other reason',
      hint: expect.any(String),
    },
  ]);
});

it('warns of a part of Tsung that crashed', async () => {
  const log = `${blockOf('error_crash@ts_launcher@tsung@ts_launcher@launcher@2@badarith 0 1')}${end}`;
  expect(await warningsOf(await outputOf({ log }))).toMatchObject([
    {
      message:
        'a part of Tsung crashed: ts_launcher crashed in ts_launcher:launcher/2 (Tsung): badarith (once)',
    },
  ]);
});

it.each([
  ['unknown_ca', 'TLS: the certificate is signed by an unknown authority'],
  ['wrong_name', 'TLS: the certificate is for another host name'],
])('says why no TLS connection came about: %s', async (why, words) => {
  const log = blockOf('users_count 0 3', `error_connect_tls_${why} 0 9`) + end;
  expect(await outcomeWith({ log })).toMatchObject({
    kind: 'failed',
    problem: {
      code: 'TARGET_UNREACHABLE',
      message: `not one of 3 users could connect to the target: ${words} (error_connect_tls_${why}) (9 times)`,
      hint: expect.stringContaining('TLS fails'),
    },
  });
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
