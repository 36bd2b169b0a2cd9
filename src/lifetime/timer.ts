/** Keeps the system's own timer, which powers off a machine whose agent is broken, from going off before its lifetime is over. */

import type { Log } from '../log.ts';

/** To be told the end of the lifetime now and then; never rejects. */
export type LifetimeTimer = (endsAt: Date) => Promise<void>;

/** What onager-lifetime.timer counts, from the boot or since it was armed. */
const timerMs = 12 * 3_600_000;
/** So long before it would go off it is armed anew: time enough to try again, and for an agent that comes back. */
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
  /** Since the boot: the timer counts that as well, and not the time of day. */
  upMs(): number;
}): LifetimeTimer {
  // It may have been armed since, by an earlier process: then it is armed once more than is needed.
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
      log.warn({ err: error }, "the system's timer was not armed anew");
    }
  };
}
