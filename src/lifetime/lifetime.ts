/** When the machine powers itself off, and why. Pure. */

import { isOver, type Lifecycle, type PowerOffInfo, type RunState } from '../run/state.ts';

export const defaultLifetimeMs = 12 * 3_600_000;
const extendByMs = 30 * 60_000;
/** The limit of all extensions together. */
export const maxExtensionMs = 7 * 24 * 3_600_000;

/**
 * The least time before a power-off, even if it is late or the clock is not set yet: enough to
 * read why the machine powers off.
 */
const leastUptimeMs = 3 * 60_000;

/**
 * The state at the start. `left`: what an earlier process stored, perhaps in an earlier launch.
 */
export function beginLifecycle(launchedAt: string, left?: Lifecycle): Lifecycle {
  const sound = left !== undefined && isSound(left) ? left : undefined;
  if (sound?.launchedAt === launchedAt) return sound;
  const { lifetimeMs = defaultLifetimeMs, after, publishes = false } = sound ?? {};
  return {
    launchedAt,
    lifetimeMs,
    after: after ?? { action: 'serve', delayMs: 0 },
    publishes,
    extendedMs: 0,
  };
}

/** Keeps the machine for longer; undefined: it cannot be extended any further. */
export function extended(lifecycle: Lifecycle): Lifecycle | undefined {
  if (!isExtendable(lifecycle)) return undefined;
  const { afterRunAt, extendedMs } = lifecycle;
  return {
    ...lifecycle,
    extendedMs: extendedMs + extendByMs,
    ...(afterRunAt === undefined ? {} : { afterRunAt: later(afterRunAt, extendByMs) }),
  };
}

/**
 * Begins the delay after the run as soon as the run is over and, if it publishes, published.
 */
export function withRunOver(lifecycle: Lifecycle, state: RunState, now: Date): Lifecycle {
  const { after, afterRunAt, publishes } = lifecycle;
  const isPublished = !publishes || state.publish?.whole === true;
  if (after.action === 'serve' || afterRunAt !== undefined || !isOver(state) || !isPublished)
    return lifecycle;
  return { ...lifecycle, afterRunAt: later(now.toISOString(), after.delayMs) };
}

export function lifetimeEnd({ extendedMs, launchedAt, lifetimeMs }: Lifecycle): Date {
  return new Date(Date.parse(launchedAt) + lifetimeMs + extendedMs);
}

/**
 * How long before the end of the lifetime a running load is stopped, so that its report can still
 * be published.
 */
export function timeToReportMs({ lifetimeMs }: Lifecycle): number {
  return Math.min(2 * 60_000, lifetimeMs / 10);
}

export function nextPowerOff(
  lifecycle: Lifecycle,
  { bootedAt }: Readonly<{ bootedAt: Date }>,
): Omit<PowerOffInfo, 'pretended'> {
  const { after, afterRunAt } = lifecycle;
  const endsMs = lifetimeEnd(lifecycle).getTime();
  const afterMs = afterRunAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(afterRunAt);
  const earliestMs = bootedAt.getTime() + leastUptimeMs;
  return {
    at: new Date(Math.max(Math.min(endsMs, afterMs), earliestMs)).toISOString(),
    reason: afterMs < endsMs ? 'after-run' : 'lifetime',
    action: after.action === 'terminate' ? 'terminate' : 'stop',
    extendable: isExtendable(lifecycle),
  };
}

// A file of another version, or one edited by hand, must not keep a machine from powering off.
function isSound({ after, afterRunAt, extendedMs, launchedAt, lifetimeMs }: Lifecycle): boolean {
  const afterMs = afterRunAt === undefined ? 0 : Date.parse(afterRunAt);
  const numbers = [Date.parse(launchedAt), lifetimeMs, extendedMs, after?.delayMs, afterMs];
  return numbers.every(Number.isFinite);
}

function isExtendable({ extendedMs }: Lifecycle): boolean {
  return extendedMs + extendByMs <= maxExtensionMs;
}

function later(time: string, byMs: number): string {
  return new Date(Date.parse(time) + byMs).toISOString();
}
