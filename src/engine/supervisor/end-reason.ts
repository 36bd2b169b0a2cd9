/** Why a running engine is stopped: on request, because time or disk runs out, or it is stuck. */

import { freeBytesAt } from '../../files/files.ts';
import type { Log } from '../../log.ts';
import { wait } from '../../retry.ts';
import { counted, formatInteger } from '../../text.ts';
import type { EngineOutput, Exit, Plan, Supervised } from '../engine.ts';

export type EndReason = Readonly<{ reason: Exit['reason']; detail?: string }>;

export type WatchTiming = Readonly<{ diskEveryMs: number; stalledEveryMs: number }>;

export const watchTiming: WatchTiming = { diskEveryMs: 2_000, stalledEveryMs: 3_000 };

/** Node's timers count to 2^31 - 1 ms, some 25 days. */
const maxTimerMs = 2 ** 31 - 1;

/** Resolves with the first reason; `ended` if the engine's first process has ended by itself. */
export async function waitForEndReason(options: {
  engine: Supervised;
  plan: Plan;
  output: EngineOutput;
  ended: Promise<unknown>;
  stop: AbortSignal;
  log: Log;
  timing: WatchTiming;
}): Promise<EndReason> {
  const { ended, stop } = options;
  const watch = new AbortController();
  const { signal } = watch;
  try {
    return await Promise.race([
      ended.then((): EndReason => ({ reason: 'ended' })),
      stopped(stop, signal),
      outOfTime(options.plan, signal),
      outOfDisk(options, signal),
      stalled(options, signal),
    ]);
  } finally {
    watch.abort();
  }
}

async function stopped(stop: AbortSignal, signal: AbortSignal): Promise<EndReason> {
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve(), { once: true, signal });
  });
  return { reason: 'stopped' };
}

async function outOfTime({ limits }: Plan, signal: AbortSignal): Promise<EndReason> {
  for (let leftMs = limits.durationMs; leftMs > 0; leftMs -= maxTimerMs)
    await wait(Math.min(leftMs, maxTimerMs), signal);
  return { reason: 'duration-limit', detail: `ran for ${limits.durationMs / 1_000} s` };
}

async function outOfDisk(
  { plan, output, log, timing }: Parameters<typeof waitForEndReason>[0],
  signal: AbortSignal,
): Promise<EndReason> {
  const { minFreeBytes } = plan.limits;
  for (;;) {
    try {
      const free = await freeBytesAt(output.dir);
      if (free < minFreeBytes) {
        const detail = `the disk has only ${counted(free, 'byte')} left; at least ${formatInteger(minFreeBytes)} are needed`;
        return { reason: 'disk-limit', detail };
      }
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot read the free disk space');
    }
    await wait(timing.diskEveryMs, signal);
  }
}

async function stalled(
  { engine, plan, output, log, timing }: Parameters<typeof waitForEndReason>[0],
  signal: AbortSignal,
): Promise<EndReason> {
  const look = engine.stalled?.(output, plan);
  // Counts rounds instead of clock time: a process that is frozen loses only one round.
  for (let awakeMs = timing.stalledEveryMs; ; awakeMs += timing.stalledEveryMs) {
    await wait(timing.stalledEveryMs, signal);
    try {
      const why = await look?.(awakeMs);
      if (why !== undefined) return why;
    } catch (error) {
      log.warn({ error: String(error) }, 'cannot find out whether the engine has stalled');
    }
  }
}
