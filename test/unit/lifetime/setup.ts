/** A scheduler with a clock and a machine that the test controls. */
import type { OnagerError } from '../../../src/errors.ts';
import { createScheduler, type SchedulerOptions } from '../../../src/lifetime/scheduler.ts';
import { silentLog } from '../../../src/log.ts';
import type { Lifecycle, Lifetime, RunFacts, Stage } from '../../../src/run/state.ts';
import { createRunStore } from '../../../src/run/store.ts';

export const bootMs = Date.parse('2026-11-22T12:00:00.000Z');
export const minute = 60_000;
export const hour = 60 * minute;

export const firstState: RunFacts & Readonly<{ phase: 'waiting' }> = {
  version: 1,
  onager: '1.2.3',
  runId: '',
  phase: 'waiting',
  phases: [],
  settings: [],
  problems: [],
  warnings: [],
};

/** What an earlier process recorded about the machine's lifetime. */
export function lifetimeOf(lifecycle: Lifecycle): Lifetime {
  const powerOff = { at: at(0), reason: 'lifetime', action: 'stop' } as const;
  return {
    endsAt: at(0),
    powerOff: { ...powerOff, pretended: false, extendable: true },
    lifecycle,
  };
}

export function schedulerAt(
  options: Partial<SchedulerOptions> & { state?: Partial<RunFacts>; stage?: Stage } = {},
) {
  const { state, stage, ...rest } = options;
  const world = { ms: bootMs, powerOffs: 0, endings: [] as OnagerError[], written: [] as string[] };
  const store = createRunStore({
    initial: { ...firstState, ...state, ...stage },
    onWriteError: () => {},
  });
  const scheduler = createScheduler({
    store,
    powerOff: async () => {
      world.powerOffs += 1;
    },
    file: async (endsAt) => {
      world.written.push(endsAt.toISOString());
    },
    bootedAt: new Date(bootMs),
    now: () => new Date(world.ms),
    onLifetimeEnding: (reason) => world.endings.push(reason),
    log: silentLog(),
    ...rest,
  });
  return {
    scheduler,
    store,
    world,
    /** Looks when this much time has passed since the boot. */
    async lookAt(sinceBootMs: number) {
      world.ms = bootMs + sinceBootMs;
      await scheduler.look();
    },
  };
}

export const at = (sinceBootMs: number): string => new Date(bootMs + sinceBootMs).toISOString();
export const serve = { action: 'serve', delayMs: 0 } as const;
