/**
 * Postpones the system's own timer, which powers off a machine whose agent is broken, while the
 * lifetime lasts.
 */

import type { Log } from '../log.ts';

/** Call this with the end of the lifetime from time to time; never rejects. */
export type LifetimeTimer = (endsAt: Date) => Promise<void>;

/** How long onager-lifetime.timer runs, from the boot or from its last restart. */
const timerMs = 12 * 3_600_000;
/**
 * How long before it would fire it is restarted: enough time to retry, and for an agent to come
 * back.
 */
const earlyMs = 6 * 3_600_000;
const retryMs = 10 * 60_000;

export function createLifetimeTimer({
  arm,
  log,
  now,
  upMs,
}: {
  /** Makes the timer count from now. */
  arm(): Promise<void>;
  log: Log;
  now(): Date;
  /** Since the boot: the timer counts that too, and not the time of day. */
  upMs(): number;
}): LifetimeTimer {
  // An earlier process may have restarted it: then it is restarted once more than necessary.
  let goesOffMs = timerMs;
  let nextTryMs = Number.NEGATIVE_INFINITY;
  return async (endsAt) => {
    const nowMs = upMs();
    const endsMs = nowMs + endsAt.getTime() - now().getTime();
    if (endsMs <= goesOffMs || nowMs < goesOffMs - earlyMs || nowMs < nextTryMs) return;
    nextTryMs = nowMs + retryMs;
    try {
      await arm();
      goesOffMs = nowMs + timerMs;
    } catch (error) {
      log.warn({ err: error }, "the system's timer was not restarted");
    }
  };
}
