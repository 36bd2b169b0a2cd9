/** When the machine powers off, by clocks that the tests set. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OnagerError } from '../../../src/errors.ts';
import {
  beginLifecycle,
  defaultLifetimeMs,
  extended,
  lifetimeEnd,
  maxExtensionMs,
} from '../../../src/lifetime/lifetime.ts';
import type { Stage } from '../../../src/run/state.ts';
import { mergeSettings } from '../../../src/settings/merge.ts';
import { at, bootMs, hour, lifetimeOf, minute, schedulerAt, serve } from './setup.ts';

const launchedAt = at(-minute);

describe('the lifetime', () => {
  it('is armed before the instance is known: twelve hours from the boot', async () => {
    const { scheduler, lookAt, store, world } = schedulerAt();
    expect(store.current()).toMatchObject({ lifetime: { endsAt: at(12 * hour) } });
    expect(store.current().lifetime?.powerOff).toMatchObject({
      at: at(12 * hour),
      reason: 'lifetime',
    });
    await lookAt(12 * hour - 1);
    expect(world.powerOffs).toBe(0);
    await lookAt(12 * hour);
    expect(world.powerOffs).toBe(1);
    expect(await scheduler.extend()).toBe(false);
  });

  it('begins with the first agent on a machine that has been up for days', async () => {
    const dayMs = 24 * 3_600_000;
    const { lookAt, world } = schedulerAt({ bootedAt: new Date(bootMs - 3 * dayMs) });
    await lookAt(0);
    expect(world).toMatchObject({ powerOffs: 0, endings: [] });
    expect(world.written).toEqual([at(dayMs / 2)]);
  });

  it('is by default what the settings have by default', () => {
    const { settings } = mergeSettings([], { isComplete: true });
    expect(settings.lifetimeMs).toBe(defaultLifetimeMs);
    expect(settings.after.action).toBe('serve');
  });

  it('counts from the launch, as the settings say, once both are known', () => {
    const { scheduler, store, world } = schedulerAt();
    scheduler.begin(launchedAt);
    expect(store.current().lifetime?.endsAt).toBe(at(12 * hour - minute));
    scheduler.learn({ lifetimeMs: hour, after: serve, publishes: false });
    expect(store.current().lifetime?.endsAt).toBe(at(59 * minute));
    expect(world.written.at(-1)).toBe(at(59 * minute));
  });

  it.each([
    ['in the future', at(20 * hour), at(20 * hour)],
    ['in the past, as after a stop and a start', at(-hour), at(12 * hour)],
    ['unknown', undefined, at(12 * hour)],
  ])(
    'that an earlier process knew to end %s holds until the instance is known',
    (_, known, ends) => {
      const { store } = schedulerAt({ known: known === undefined ? undefined : new Date(known) });
      expect(store.current().lifetime?.endsAt).toBe(ends);
    },
  );

  it('survives a reboot with all that was added', async () => {
    const first = schedulerAt();
    first.scheduler.begin(launchedAt);
    first.scheduler.learn({ lifetimeMs: 2 * hour, after: serve, publishes: false });
    expect(await first.scheduler.extend()).toBe(true);
    const { lifetime } = first.store.current();
    const second = schedulerAt({ state: lifetime === undefined ? {} : { lifetime } });
    second.scheduler.begin(launchedAt);
    expect(second.store.current().lifetime?.endsAt).toBe(at(2.5 * hour - minute));
  });

  it('begins again when the instance was stopped and is started again', () => {
    const lifecycle = {
      launchedAt: at(-72 * hour),
      lifetimeMs: hour,
      after: { action: 'stop', delayMs: 0 },
      publishes: false,
      extendedMs: 3 * hour,
      afterRunAt: at(-71 * hour),
    } as const;
    const { scheduler, store } = schedulerAt({
      state: { lifetime: lifetimeOf(lifecycle) },
      stage: { phase: 'finished', outcome: { kind: 'complete' } },
    });
    scheduler.begin(launchedAt);
    expect(store.current().lifetime?.powerOff).toMatchObject({
      at: at(59 * minute),
      reason: 'lifetime',
    });
  });

  it.each([
    ['no numbers', '{}'],
    ['no duration', JSON.stringify({ after: serve, extendedMs: 0 })],
    ['no time', JSON.stringify({ after: serve, extendedMs: 0, lifetimeMs: 1, afterRunAt: 'x' })],
  ])('is the default where what was kept makes no sense: %s', async (_, kept) => {
    const lifecycle = { launchedAt, ...JSON.parse(kept) };
    const { scheduler, lookAt, store } = schedulerAt({
      state: { lifetime: lifetimeOf(lifecycle) },
    });
    scheduler.begin(launchedAt);
    await lookAt(0);
    expect(store.current().lifetime?.endsAt).toBe(at(12 * hour - minute));
  });

  it('that is over when the machine boots leaves three minutes to read why', async () => {
    const { scheduler, lookAt, world } = schedulerAt();
    scheduler.begin(at(-48 * hour));
    await lookAt(3 * minute - 1);
    expect(world.powerOffs).toBe(0);
    await lookAt(3 * minute);
    expect(world.powerOffs).toBe(1);
  });

  it.each([
    [12 * hour, 2 * minute],
    [10 * minute, minute],
  ])('of %i ms ends a load early enough for its report', async (lifetimeMs, leaveMs) => {
    const { scheduler, lookAt, world } = schedulerAt();
    scheduler.begin(at(0));
    scheduler.learn({ lifetimeMs, after: serve, publishes: false });
    await lookAt(lifetimeMs - leaveMs - 1);
    expect(world.endings).toEqual([]);
    await lookAt(lifetimeMs - leaveMs);
    await lookAt(lifetimeMs - leaveMs + 1);
    expect(world.endings.map(({ code }) => code)).toEqual(['LIFETIME_OVER']);
    expect(world.powerOffs).toBe(0);
  });
});

describe('the end of the run', () => {
  const after = { action: 'terminate', delayMs: 5 * minute } as const;

  it('is followed by the delay, then by the power-off, once', async () => {
    const { scheduler, lookAt, store, world } = schedulerAt();
    scheduler.begin(launchedAt);
    scheduler.learn({ lifetimeMs: 12 * hour, after, publishes: false });
    await lookAt(minute);
    expect(store.current().lifetime?.powerOff.reason).toBe('lifetime');
    await store.enter({ phase: 'finished', outcome: { kind: 'complete' } });
    await lookAt(10 * minute);
    expect(store.current().lifetime?.powerOff).toMatchObject({
      at: at(15 * minute),
      reason: 'after-run',
      action: 'terminate',
    });
    await lookAt(15 * minute - 1);
    expect(world.powerOffs).toBe(0);
    await lookAt(15 * minute);
    await lookAt(15 * minute + 1_000);
    expect(world.powerOffs).toBe(1);
  });

  it('comes only with the confirmed manifest, where there is something to publish', async () => {
    const { scheduler, lookAt, store, world } = schedulerAt();
    const publish = { to: 's3://bucket', objects: 1, bytes: 1, pending: 1, whole: false };
    scheduler.begin(launchedAt);
    scheduler.learn({ lifetimeMs: 12 * hour, after, publishes: true });
    await store.enter({ phase: 'failed' });
    await lookAt(hour);
    await store.note({ publish });
    await lookAt(2 * hour);
    expect(store.current().lifetime?.powerOff.reason).toBe('lifetime');
    expect(world.powerOffs).toBe(0);
    await store.note({ publish: { ...publish, whole: true } });
    await lookAt(3 * hour);
    expect(store.current().lifetime?.powerOff.at).toBe(at(3 * hour + 5 * minute));
    await lookAt(3 * hour + 5 * minute);
    expect(world.powerOffs).toBe(1);
  });

  const outcome = { kind: 'complete' } as const;

  it.each<Stage>([
    { phase: 'waiting' },
    { phase: 'running' },
    { phase: 'reporting', outcome },
    { phase: 'publishing', outcome },
    { phase: 'idle' },
  ])('has not come while the phase is $phase', async (stage) => {
    const { scheduler, lookAt, store } = schedulerAt();
    scheduler.begin(launchedAt);
    scheduler.learn({ lifetimeMs: 12 * hour, after, publishes: false });
    await store.enter(stage);
    await lookAt(hour);
    expect(store.current().lifetime?.powerOff.reason).toBe('lifetime');
  });

  it('changes nothing where the machine is to go on serving', async () => {
    const { scheduler, lookAt, store } = schedulerAt();
    scheduler.begin(launchedAt);
    scheduler.learn({ lifetimeMs: 12 * hour, after: serve, publishes: false });
    await store.enter({ phase: 'finished', outcome: { kind: 'complete' } });
    await lookAt(hour);
    expect(store.current().lifetime?.powerOff.reason).toBe('lifetime');
  });
});

describe('an extension', () => {
  it('moves the end of the lifetime and of the delay by half an hour', async () => {
    const { scheduler, lookAt, store, world } = schedulerAt();
    scheduler.begin(at(0));
    const after = { action: 'stop', delayMs: 5 * minute } as const;
    scheduler.learn({ lifetimeMs: hour, after, publishes: false });
    await store.enter({ phase: 'finished', outcome: { kind: 'complete' } });
    await lookAt(10 * minute);
    expect(await scheduler.extend()).toBe(true);
    expect(store.current()).toMatchObject({
      lifetime: {
        endsAt: at(90 * minute),
        powerOff: { at: at(45 * minute), reason: 'after-run', extendable: true },
      },
    });
    await lookAt(16 * minute);
    expect(world.powerOffs).toBe(0);
  });

  it('is bounded', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), (presses) => {
        let lifecycle = beginLifecycle(at(0));
        for (let press = 0; press < presses; press += 1)
          lifecycle = extended(lifecycle) ?? lifecycle;
        const extra = lifetimeEnd(lifecycle).getTime() - bootMs - defaultLifetimeMs;
        expect(extra).toBe(Math.min(presses * 30 * minute, maxExtensionMs));
      }),
    );
  });
});

describe('a machine that does not power off', () => {
  it('gets the request again every minute, and the run reports the problem once', async () => {
    let tries = 0;
    const { lookAt, store } = schedulerAt({
      powerOff: async () => {
        tries += 1;
        throw new OnagerError('POWER_OFF_FAILED', 'no', { hint: 'x' });
      },
    });
    for (let second = 0; second <= 130; second += 1) await lookAt(12 * hour + second * 1_000);
    expect(tries).toBe(3);
    expect(store.current().warnings.map(({ code }) => code)).toEqual(['POWER_OFF_FAILED']);
  });

  it('is not touched where the agent must not: the agent only says when it would', async () => {
    const { scheduler, lookAt, store } = schedulerAt({ powerOff: undefined });
    scheduler.begin(at(0));
    await lookAt(13 * hour);
    expect(store.current().lifetime?.powerOff).toMatchObject({ pretended: true });
    expect(await scheduler.extend()).toBe(true);
  });
});
