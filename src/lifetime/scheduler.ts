/** Keeps the machine's life bounded: armed before anything is known, exact as soon as more is, and then it acts. */

import { OnagerError, problemsOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { wait } from '../retry.ts';
import type { Lifecycle, PowerOffInfo } from '../run/state.ts';
import type { RunStore } from '../run/store.ts';
import { warn } from '../run/warnings.ts';
import {
  beginLifecycle,
  extended,
  lastLeaveMs,
  lifetimeEnd,
  nextPowerOff,
  withRunOver,
} from './lifetime.ts';
import type { LifetimeFile } from './lifetime-file.ts';
import type { PowerOff } from './power-off.ts';
import type { LifetimeTimer } from './timer.ts';

export type Bounds = Pick<Lifecycle, 'lifetimeMs' | 'after' | 'publishes'>;

export type Scheduler = Readonly<{
  /** The instance is known, and the store holds what an earlier process left. */
  begin(launchedAt: string): void;
  /** What the settings say, as far as they are known. */
  learn(bounds: Bounds): void;
  /** Puts the power-off off by half an hour, and resolves when a restart would know it; false: it cannot be any more. */
  extend(): Promise<boolean>;
  /** Looks at the clock, and does what is due; never throws. */
  look(): Promise<void>;
  /** Looks every second until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>;
}>;

export type KeeperOptions = Readonly<{
  store: RunStore;
  /** Undefined: this machine is not ours to switch off, so that it is only said. */
  powerOff: PowerOff | undefined;
  /** When an earlier process of this machine knew the lifetime to end. */
  known?: Date | undefined;
  file: LifetimeFile;
  timer?: LifetimeTimer | undefined;
  bootedAt: Date;
  now(): Date;
  /** The lifetime ends soon, and a load may be running. */
  onLastLeave(reason: OnagerError): void;
  log: Log;
}>;

const lookEveryMs = 1_000;
/** How soon a power-off that did not come is asked for again. */
const retryMs = 60_000;

export function createScheduler(options: KeeperOptions): Scheduler {
  const { timer, bootedAt, log, file, now, onLastLeave, powerOff, store } = options;
  let lifecycle = provisional(options);
  let hasBegun = false;
  let nextTryMs = Number.NEGATIVE_INFINITY;
  let isLeaving = false;
  let isPoweringOff = false;
  let shown = '';

  /** Resolves when the change is on the disk, which only a promise to somebody waits for: a disk that hangs must not keep the machine up. */
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

  function leave(at: string): void {
    if (isLeaving) return;
    isLeaving = true;
    onLastLeave(
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
    if (reason === 'lifetime' && leftMs <= lastLeaveMs(lifecycle)) leave(at);
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

// Nobody knows yet when the machine was launched: it cannot have been after its boot.
function provisional({ bootedAt, known, now }: KeeperOptions): Lifecycle {
  const fresh = beginLifecycle(bootedAt.toISOString());
  if (known === undefined || known <= now()) return fresh;
  return { ...fresh, lifetimeMs: known.getTime() - bootedAt.getTime() };
}
