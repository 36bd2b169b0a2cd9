/**
 * Tells a Tsung that will never end on its own from a slow one, a frozen one, and one whose users
 * think.
 */

import { appendFile, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../../../../src/engine/engine.ts';
import { createStalled } from '../../../../../src/engine/tsung/run/stalled.ts';
import { longestThinkMs } from '../../../../../src/engine/tsung/scenario/think-time.ts';
import { parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const minute = 60_000;
const stepMs = 3_000;
const plan = (limits: Partial<Plan['limits']> = {}): Plan => ({
  engine: 'tsung',
  argv: ['tsung'],
  env: {},
  cwd: '/',
  files: [],
  loadPhases: [],
  targets: [],
  changes: [],
  sampling: { requests: 'each' },
  plannedDurationMs: 5_000,
  limits: { durationMs: 6 * 60 * minute, minFreeBytes: 0, ...limits },
});

let dir = '';
let log = '';
let blocks = 0;
beforeEach(async () => {
  dir = await temporaryFolder('stalled');
  await mkdir(join(dir, 'tsung/20260101-0000'), { recursive: true });
  log = join(dir, 'tsung/20260101-0000/tsung.log');
  blocks = 0;
});

const block = async (...lines: readonly string[]): Promise<void> => {
  const stats = lines.map((line) => `stats: ${line}\n`).join('');
  await appendFile(log, `# stats: dump at ${1795385441 + blocks++}\n${stats}`);
};
const waiting = ['users 20 20', 'users_count 0 20', 'size_sent 0 900', 'request 0 0 0 0 0 0 0'];

/**
 * Looks every three seconds until there is a reason or the time is over; `round` runs before each
 * look.
 */
async function watch(
  given: Plan,
  round: (awakeMs: number) => Promise<unknown>,
  untilMs = 20 * minute,
) {
  const look = createStalled({ dir, hasEnded: async () => false }, given);
  for (let awakeMs = stepMs; awakeMs <= untilMs; awakeMs += stepMs) {
    await round(awakeMs);
    const why = await look(awakeMs);
    if (why !== undefined) return { ...why, awakeMs };
  }
  return undefined;
}

describe('a log', () => {
  it('that never appears, or stops growing, means after some minutes that the run has stalled', async () => {
    expect(await watch(plan(), async () => {})).toEqual({
      reason: 'stalled',
      detail: 'tsung has not opened its log within 5 min',
      awakeMs: 5 * minute,
    });
    const stuck = await watch(plan(), async (awakeMs) => awakeMs === stepMs && block(...waiting));
    expect(stuck?.detail).toContain('written no statistics for 5 min');
  });

  it('that was written in the future or long ago, by the time of day, has not stalled', async () => {
    let day = 0;
    const step = async (): Promise<void> => {
      await block('users 3 3', `users_count 1 ${blocks}`);
      day += 1;
      await utimes(log, day * 86_400, day * 86_400);
    };
    expect(await watch(plan(), step)).toBeUndefined();
  });

  it('is not silent for a process that was stopped itself: it has looked once', async () => {
    await block(...waiting);
    const look = createStalled({ dir, hasEnded: async () => false }, plan());
    await look(stepMs);
    // Between these two looks an hour passes on every clock, but it is one round for the observer.
    await utimes(log, new Date(Date.now() - 60 * minute), new Date(Date.now() - 60 * minute));
    expect(await look(2 * stepMs)).toBeUndefined();
    expect(await look(3 * stepMs)).toBeUndefined();
  });
});

describe('users that get no answer', () => {
  it('are given the drain time after the planned end, then stopped and counted', async () => {
    const why = await watch(plan({ drainMs: 2 * minute }), () => block(...waiting));
    expect(why).toMatchObject({
      reason: 'drain-limit',
      detail:
        '20 users still waited for answers after the planned end, got none for 2 min, and were stopped',
    });
    expect(why?.awakeMs).toBeLessThan(3 * minute);
  });

  it.each([
    [
      'an answer comes now and then',
      (n: number) => `request ${n % 30 === 0 ? 1 : 0} 1 0 1 1 1 ${Math.floor(n / 30)}`,
    ],
    [
      'one of them leaves now and then',
      (n: number) => `finish_users_count 0 ${Math.floor(n / 30)}`,
    ],
    ['a body comes, slowly', (n: number) => `size_rcv 1 ${n}`],
    ['they send what asks for no answer', (n: number) => `size_sent 9 ${9 * n}`],
  ])('are left alone as long as %s', async (_, line) => {
    const round = () => block('users 20 20', 'users_count 0 20', line(blocks));
    expect(await watch(plan({ drainMs: 2 * minute }), round)).toBeUndefined();
  });

  it('are left alone where the engine does not say that it is awake', async () => {
    const why = await watch(
      plan({ drainMs: 30_000 }),
      async (awakeMs) => awakeMs < 20_000 && block(...waiting),
      4 * minute,
    );
    expect(why).toBeUndefined();
  });
});

describe('a run without users', () => {
  it('is deserted after two minutes', async () => {
    const why = await watch(plan(), () => block('users 0 29', 'users_count 0 29'));
    expect(why).toMatchObject({ reason: 'stalled', detail: expect.stringContaining('no users') });
    expect(why?.awakeMs).toBeLessThan(3 * minute);
  });

  it('is not before its first user came: a slow machine starts late', async () => {
    const round = (awakeMs: number) =>
      awakeMs < 5 * minute ? block('users 0 0') : block('users 3 3', `users_count 1 ${blocks}`);
    expect(await watch(plan(), round)).toBeUndefined();
  });

  it('is not while it is starting users', async () => {
    const round = () => block('users 0 29', `users_count 1 ${29 + blocks}`);
    expect(await watch(plan(), round)).toBeUndefined();
  });
});

describe('the longest thinktime', () => {
  it.each([
    ['', 0],
    ['<thinktime value="20" random="false"/>', 20_000],
    ['<thinktime value="20" random="true"/>', 200_000],
    ['<thinktime min="2" max="60" random="true"/>', 60_000],
    ['<option name="thinktime" value="5" random="false" override="true"/>', 5_000],
    ['<match do="loop" sleep_loop="30">x</match>', 30_000],
    ['<thinktime value="%%_long%%"/>', undefined],
    ['<thinktime value="wait_global"/>', undefined],
  ])('of %s', (xml, ms) => {
    expect(longestThinkMs(parseTree(`<tsung>${xml}</tsung>`))).toBe(ms);
  });
});

it('a log with a single block proves nothing yet', async () => {
  await writeFile(log, '');
  expect(await watch(plan({ drainMs: 1 }), async () => {}, minute)).toBeUndefined();
});
