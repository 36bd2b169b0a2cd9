/** The clock that ends a machine's life, while the system's clock is being set. */
import { describe, expect, it } from 'vitest';
import { createSteadyClock } from '../../../src/lifetime/steady-clock.ts';
import { at, bootMs, hour, minute, schedulerAt, serve } from './setup.ts';

function clockAt(launchedMs: number) {
  const world = { upMs: 0, stepMs: 0 };
  const clock = createSteadyClock({
    now: () => new Date(bootMs + world.upMs + world.stepMs),
    upMs: () => world.upMs,
  });
  world.upMs = minute;
  clock.begin(at(launchedMs));
  return { clock, world };
}

describe('a machine that has come up when it was launched', () => {
  it.each([-365 * 24 * hour, 365 * 24 * hour])('ignores a clock that is set (%i ms)', (stepMs) => {
    const { clock, world } = clockAt(-2 * minute);
    Object.assign(world, { upMs: hour, stepMs });
    expect(clock.now().toISOString()).toBe(at(hour));
  });

  it('keeps its load and its power when the clock is set forward by a year', async () => {
    const { clock, world } = clockAt(0);
    const { scheduler, world: machine } = schedulerAt({ now: clock.now });
    scheduler.begin(at(0));
    scheduler.learn({ lifetimeMs: 12 * hour, after: serve, publishes: false });
    Object.assign(world, { upMs: hour, stepMs: 365 * 24 * hour });
    await scheduler.look();
    expect(machine).toMatchObject({ powerOffs: 0, endings: [] });
    world.upMs = 12 * hour;
    await scheduler.look();
    expect(machine).toMatchObject({ powerOffs: 1 });
  });
});

describe('a machine that was booted later, or with a wrong clock', () => {
  it.each([-5 * hour, 5 * hour])('goes by the time of day (launched at %i ms)', (launchedMs) => {
    const { clock, world } = clockAt(launchedMs);
    Object.assign(world, { upMs: hour, stepMs: hour });
    expect(clock.now().toISOString()).toBe(at(2 * hour));
  });
});
