/** How a run ended, judged from recorded output. */

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Exit } from '../../../../src/engine/engine.ts';
import { outcomeOf } from '../../../../src/engine/tsung/outcome.ts';
import { isDeserted } from '../../../../src/engine/tsung/stalled.ts';

const exit = (parts: Partial<Exit> = {}): Exit => ({
  startedAt: '2026-01-01T00:00:00Z',
  endedAt: '2026-01-01T00:01:00Z',
  reason: 'ended',
  exitCode: 0,
  ...parts,
});

async function outcomeWith(
  files: Readonly<Partial<Record<'log' | 'controller' | 'stderr', string>>>,
  ended: Exit = exit(),
): ReturnType<typeof outcomeOf> {
  const dir = await mkdtemp(join(tmpdir(), 'onager-outcome-'));
  const folder = join(dir, 'tsung', '20260101-0000');
  await mkdir(folder, { recursive: true });
  if (files.log !== undefined) await writeFile(join(folder, 'tsung.log'), files.log);
  if (files.controller !== undefined) {
    await writeFile(join(folder, 'tsung_controller_x@127.0.0.1.log'), files.controller);
  }
  if (files.stderr !== undefined) await writeFile(join(dir, 'stderr.log'), files.stderr);
  return await outcomeOf({ dir, hasEnded: async () => true }, ended);
}

const block = '# stats: dump at 1795385441\nstats: users 0 29\n';
const end = 'EndMonitor:{1795,385441,449612}\n';
const refused = (reason: string): string =>
  `Config Error, aborting ! ${reason}\n {"init terminating"}`;

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
    [
      refused('{badmatch,\n   {error,   what}}'),
      'Config Error, aborting ! {badmatch, {error, what}} {"init terminating"}',
    ],
    ["Protocol 'inet_tcp': register/listen error: eaddrinuse", 'a port that it needs is taken'],
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

describe('a run without users', () => {
  const empty = '# stats: dump at 1\nstats: users 0 29\nstats: users_count 0 29\n';

  it('is deserted after two minutes', () => {
    expect(isDeserted(empty.repeat(130))).toBe(true);
  });

  it.each([
    ['too short', empty.repeat(100)],
    ['still busy', empty.repeat(130) + empty.replace('users 0', 'users 3')],
    ['still starting users', empty.repeat(130) + empty.replace('count 0', 'count 1')],
    ['empty', ''],
  ])('is not while its log is %s', (_what, log) => {
    expect(isDeserted(log)).toBe(false);
  });
});
