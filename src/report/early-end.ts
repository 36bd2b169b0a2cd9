/** How much of the planned load ran, if it ended early. Pure. */

import type { Summary } from './summary.ts';

/** Times since the start of the load. */
type EarlyEnd = Readonly<{ atMs: number; plannedMs: number }>;

/** Undefined if the load ran to its planned end, or that is not known. */
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
  // The first user may arrive after the engine's start, which is what a planned cut counts from.
  const ranMs = endedMs - (isStopped ? loadStartedMs : Date.parse(startedAt));
  return ranMs < plannedMs ? { atMs: Math.max(0, endedMs - loadStartedMs), plannedMs } : undefined;
}
