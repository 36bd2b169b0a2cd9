/** The parts of an agent that need only its process: state, clock, lifetime, console. */

import { availableParallelism, release, totalmem, type, uptime } from 'node:os';
import { join } from 'node:path';
import { createConsole, openConsole } from '../../console/serial.ts';
import { createGroupExit, type GroupExit } from '../../lifetime/group-exit.ts';
import { createLifetimeFile, readLifetimeFile } from '../../lifetime/lifetime-file.ts';
import { createScheduler, type Scheduler } from '../../lifetime/scheduler.ts';
import { createSteadyClock, type SteadyClock } from '../../lifetime/steady-clock.ts';
import { createLifetimeTimer } from '../../lifetime/timer.ts';
import type { Log } from '../../log.ts';
import { createLiveResults, type LiveResults } from '../../report/live.ts';
import type { RunState } from '../../run/state.ts';
import { createRunStore, type RunStore } from '../../run/store.ts';
import { createAccess, type KnownAccess } from '../access.ts';
import { createInterruption, type Interruption } from '../interruption.ts';
import type { AgentOptions } from './options.ts';

export type Core = Readonly<{
  log: Log;
  store: RunStore;
  clock: SteadyClock;
  results: LiveResults;
  access: KnownAccess;
  interruption: Interruption;
  scheduler: Scheduler;
  groupExit: GroupExit;
  /** Resolved when a user asks to stop the load. */
  stop: PromiseWithResolvers<void>;
  /** Asks for that; resolves once it is written down. */
  askToStop(): Promise<void>;
}>;

/** Creates what an agent needs before it reads or parses anything from outside. */
export async function createCore(options: AgentOptions, log: Log): Promise<Core> {
  const { armTimer, powerOff, stateDir, version } = options;
  const store = createRunStore({
    initial: firstState(version),
    onWriteError: (error) => log.error({ err: error }, 'the run state could not be written'),
  });
  const upMs = (): number => uptime() * 1_000;
  const clock = createSteadyClock({ now: () => new Date(), upMs });
  const { now } = clock;
  const interruption = createInterruption(store, log);
  const stop = Promise.withResolvers<void>();
  const lifetimePath = join(stateDir, 'lifetime');
  const lifecycleLog = log.child({ stage: 'lifecycle' });
  const groupExit = createGroupExit({ store, log: lifecycleLog });
  const scheduler = createScheduler({
    store,
    powerOff: powerOff && groupExit.before(powerOff),
    known: await readLifetimeFile(lifetimePath),
    file: createLifetimeFile(lifetimePath, log),
    timer: armTimer && createLifetimeTimer({ arm: armTimer, log, now, upMs }),
    bootedAt: new Date(Date.now() - upMs()),
    now,
    onLifetimeEnding: interruption.interrupt,
    log: lifecycleLog,
  });
  return {
    log,
    store,
    clock,
    results: createLiveResults(store, now),
    access: createAccess(),
    interruption,
    scheduler,
    groupExit,
    stop,
    async askToStop() {
      const { stopAskedAt } = store.current();
      if (stopAskedAt === undefined) await store.note({ stopAskedAt: now().toISOString() });
      stop.resolve();
    },
  };
}

/** Reports the progress of the run on the console; returns a function that stops it. */
export function startConsole(
  { console }: Pick<AgentOptions, 'console'>,
  { access, clock, results, store }: Core,
  { port }: Readonly<{ port: number }>,
): () => void {
  if (console === undefined) return () => {};
  return createConsole({
    state: store,
    results,
    access: access.current,
    port,
    now: clock.now,
    ...openConsole(console),
  });
}

function firstState(version: string): RunState {
  const startedAt = new Date().toISOString();
  return {
    version: 1,
    onager: version,
    runId: '',
    phase: 'waiting',
    phases: [{ phase: 'waiting', startedAt }],
    awaiting: { what: 'the instance metadata service', since: startedAt },
    machine: {
      kernel: `${type()} ${release()}`,
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
    },
    settings: [],
    problems: [],
    warnings: [],
  };
}
