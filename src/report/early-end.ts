/** How much of the planned load there was, where it was ended before. Pure. */

import type { Summary } from './summary.ts';

/** Since the load's start. */
type EarlyEnd = Readonly<{ atMs: number; plannedMs: number }>;

/** Undefined where the load went on to its planned end, or nobody knows. */
export function earlyEnd({
  run: { outcome, plannedDurationMs: plannedMs, stopAskedAt = '' },
  engine,
  loadStartedMs,
}: Pick<Summary, 'run' | 'engine' | 'loadStartedMs'>): EarlyEnd | undefined {
  if (plannedMs === undefined || loadStartedMs === undefined) return undefined;
  if (outcome?.kind !== 'stopped' && outcome?.kind !== 'cut') return undefined;
  const isStopped = outcome.kind === 'stopped';
  const { startedAt = '', endedAt = '' } = engine ?? {};
  const endedMs = Date.parse(isStopped ? stopAskedAt : endedAt);
  // A load that is cut as it was planned may have begun with a user who came late.
  const ranMs = endedMs - (isStopped ? loadStartedMs : Date.parse(startedAt));
  return ranMs < plannedMs ? { atMs: Math.max(0, endedMs - loadStartedMs), plannedMs } : undefined;
}
