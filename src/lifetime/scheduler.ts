/**
 * Powers the machine off in time: armed before anything is known, and more precise as more becomes
 * known.
 */

import { OnagerError, problemsOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';
import type { Lifecycle, PowerOffInfo } from '../run/state.ts';
import type { RunStore } from '../run/store.ts';
import { warn } from '../run/warnings.ts';
import {
  beginLifecycle,
  extended,
  lifetimeEnd,
  nextPowerOff,
  timeToReportMs,
  withRunOver,
} from './lifetime.ts';
import type { LifetimeFile } from './lifetime-file.ts';
import type { PowerOff } from './power-off.ts';
import type { LifetimeTimer } from './timer.ts';

type Bounds = Pick<Lifecycle, 'lifetimeMs' | 'after' | 'publishes'>;

export type Scheduler = Readonly<{
  /** Call this once the instance is known and the store holds what an earlier process left. */
  begin(launchedAt: string): void;
  /** What the settings say, as far as they are known. */
  learn(bounds: Bounds): void;
  /**
   * Postpones the power-off by half an hour, and resolves when that is on the disk; false: it
   * cannot be postponed any further.
   */
  extend(): Promise<boolean>;
  /** Does what is due now; never throws. */
  look(): Promise<void>;
  /** Does what is due, every second until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>;
}>;

export type SchedulerOptions = Readonly<{
  store: RunStore;
  /** Undefined if the agent must not power the machine off: then it only says when it would. */
  powerOff: PowerOff | undefined;
  /** The end of the lifetime as an earlier process of this machine knew it. */
  known?: Date | undefined;
  file: LifetimeFile;
  timer?: LifetimeTimer | undefined;
  bootedAt: Date;
  now(): Date;
  /** The lifetime ends soon, and a load may be running. */
  onLifetimeEnding(reason: OnagerError): void;
  log: Log;
}>;

const lookEveryMs = 1_000;
/** How soon a failed power-off is requested again. */
const retryMs = 60_000;

export function createScheduler(options: SchedulerOptions): Scheduler {
  const { timer, bootedAt, log, file, now, onLifetimeEnding, powerOff, store } = options;
  let lifecycle = provisional(options);
  let hasBegun = false;
  let nextTryMs = Number.NEGATIVE_INFINITY;
  let isEnding = false;
  let isPoweringOff = false;
  let shown = '';

  /**
   * Resolves when the change is on the disk. Only `extend`, which promises it to the caller, waits
   * for that: a disk that hangs must not keep the machine up.
   */
  async function change(next: Lifecycle): Promise<void> {
    lifecycle = next;
    const off: PowerOffInfo = {
      ...nextPowerOff(lifecycle, { bootedAt }),
      pretended: powerOff === undefined,
    };
    // What an earlier process left stays until it is known whether it still holds.
    const kept = hasBegun ? lifecycle : store.current().lifetime?.lifecycle;
    const lifetime = {
      endsAt: lifetimeEnd(lifecycle).toISOString(),
      powerOff: off,
      ...(kept === undefined ? {} : { lifecycle: kept }),
    };
    const text = JSON.stringify(lifetime);
    if (text === shown) return;
    shown = text;
    log.info({ lifetimeEndsAt: lifetime.endsAt, powerOff: off }, 'power-off planned');
    await Promise.all([store.note({ lifetime }), file(lifetimeEnd(lifecycle))]);
  }

  async function switchOff(): Promise<void> {
    if (powerOff === undefined) {
      if (!isPoweringOff) log.info('the machine would power off now');
      isPoweringOff = true;
      return;
    }
    const nowMs = now().getTime();
    if (nowMs < nextTryMs) return;
    nextTryMs = nowMs + retryMs;
    isPoweringOff = true;
    log.info({ powerOff: store.current().lifetime?.powerOff }, 'powering off');
    try {
      await powerOff();
    } catch (error) {
      log.error({ err: error }, 'powering off failed');
      void warn(store, problemsOf(error));
    }
  }

  function endLoad(at: string): void {
    if (isEnding) return;
    isEnding = true;
    onLifetimeEnding(
      new OnagerError('LIFETIME_OVER', `the instance's lifetime ends at ${at}`, {
        hint: 'what was measured until then is reported; a longer run needs a longer "lifetime"',
      }),
    );
  }

  async function look(): Promise<void> {
    if (hasBegun) void change(withRunOver(lifecycle, store.current(), now()));
    void timer?.(lifetimeEnd(lifecycle));
    const { at, reason } = nextPowerOff(lifecycle, { bootedAt });
    const leftMs = Date.parse(at) - now().getTime();
    if (reason === 'lifetime' && leftMs <= timeToReportMs(lifecycle)) endLoad(at);
    if (leftMs <= 0) await switchOff();
  }

  void change(lifecycle);
  return {
    begin(launchedAt) {
      hasBegun = true;
      void change(beginLifecycle(launchedAt, store.current().lifetime?.lifecycle));
    },
    learn(bounds) {
      void change({ ...lifecycle, ...bounds });
    },
    async extend() {
      const next = powerOff !== undefined && isPoweringOff ? undefined : extended(lifecycle);
      if (next === undefined) return false;
      isPoweringOff = false;
      await change(next);
      return true;
    },
    look,
    async watch(signal) {
      while (!signal.aborted) {
        await look();
        await wait(lookEveryMs, signal).catch(() => undefined);
      }
    },
  };
}

// It is not known yet when the machine was launched, but that cannot have been after its boot. A
// machine on which no agent has run before may have been up for days: its lifetime begins now.
function provisional({ bootedAt, known, now }: SchedulerOptions): Lifecycle {
  if (known === undefined) return beginLifecycle(now().toISOString());
  const fresh = beginLifecycle(bootedAt.toISOString());
  if (known <= now()) return fresh;
  return { ...fresh, lifetimeMs: known.getTime() - bootedAt.getTime() };
}
