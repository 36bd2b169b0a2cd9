/** The system's timer, which must not go off when the lifetime is longer. */
import { describe, expect, it } from 'vitest';
import { createLifetimeTimer } from '../../../src/lifetime/timer.ts';
import { silentLog } from '../../../src/log.ts';
import { bootMs, hour, minute } from './setup.ts';

/**
 * The times, in hours since the boot, at which the timer is armed for a lifetime of this many hours
 * that is checked every minute.
 */
async function armings(
  lifetimeHours: number,
  { fails = 0, clockStepMs = 0 } = {},
): Promise<readonly number[]> {
  const world = { ms: bootMs, armings: [] as number[], fails };
  const timer = createLifetimeTimer({
    async arm() {
      world.armings.push((world.ms - bootMs) / hour);
      world.fails -= 1;
      if (world.fails >= 0) throw new Error('no');
    },
    log: silentLog(),
    now: () => new Date(world.ms + (world.ms > bootMs + hour ? clockStepMs : 0)),
    upMs: () => world.ms - bootMs,
  });
  const ends = new Date(bootMs + lifetimeHours * hour);
  for (; world.ms <= ends.getTime(); world.ms += minute) await timer(ends);
  return world.armings;
}

describe('the timer of the system', () => {
  it.each([
    [1, []],
    [12, []],
    [13, [6]],
    [18, [6]],
    [30, [6, 12, 18]],
  ])('goes off in a life of %i hours only after its end', async (hours, expected) => {
    expect(await armings(hours)).toEqual(expected);
  });

  it('is restarted though the clock is set back by a year: it does not count by that clock', async () => {
    expect(await armings(13, { clockStepMs: -365 * 24 * hour })).toEqual([6, 12]);
  });

  it('is armed again ten minutes after that has failed', async () => {
    expect(await armings(13, { fails: 1 })).toEqual([6, 6 + 1 / 6]);
  });
});
