/** How much of the planned load ran, if it ended early. Pure. */

import type { Summary } from './summary.ts';

/** Times since the start of the load. */
type EarlyEnd = Readonly<{ atMs: number; plannedMs: number }>;

type Ended = Pick<Summary, 'run' | 'engine' | 'loadStartedMs' | 'loadEndedMs'>;

/** Undefined if the load ran to its planned end, or that is not known. */
export function earlyEnd(summary: Ended): EarlyEnd | undefined {
  const { plannedDurationMs: plannedMs, outcome } = summary.run;
  const { engine, loadStartedMs } = summary;
  if (plannedMs === undefined || loadStartedMs === undefined) return undefined;
  const endedMs = endOf(summary);
  if (endedMs === undefined) return undefined;
  // A load that is cut as it was planned may have begun with a user who came late.
  const startedMs = outcome?.kind === 'cut' ? Date.parse(engine?.startedAt ?? '') : loadStartedMs;
  if (!(endedMs - startedMs < plannedMs)) return undefined;
  return { atMs: Math.max(0, endedMs - loadStartedMs), plannedMs };
}

function endOf({ run: { outcome, stopAskedAt }, engine, loadEndedMs }: Ended): number | undefined {
  switch (outcome?.kind) {
    case 'stopped':
      return Date.parse(stopAskedAt ?? '');
    case 'cut':
      return Date.parse(engine?.endedAt ?? '');
    case 'interrupted':
      // The others of its cluster fired to the planned end.
      if (outcome.problem.code === memberLost) return undefined;
      // The end of a lost engine may be noticed much later, such as after a reboot.
      return loadEndedMs;
    default:
      return undefined;
  }
}

/** When that was, to follow a word such as `stopped`: ` after 12 of 35 s`, or nothing. */
export function howEarly(summary: Ended): string {
  const early = earlyEnd(summary);
  if (early === undefined) return '';
  const [at, planned] = [early.atMs, early.plannedMs].map((ms) => Math.round(ms / 1_000));
  return ` after ${at} of ${planned} s`;
}

const memberLost = 'CLUSTER_MEMBER_LOST';

/** What rules were checked against, to follow their verdict, where that is not the planned load. */
export function ofPart(summary: Ended): string {
  const { outcome } = summary.run;
  const isLoss = outcome?.kind === 'interrupted' && outcome.problem.code === memberLost;
  if (isLoss) return ', of less than the planned load';
  return isOfPart(summary) ? ' until then' : '';
}

/** Whether rules were checked against less than the planned load. */
function isOfPart(summary: Ended): boolean {
  const kind = summary.run.outcome?.kind;
  return kind === 'stopped' || kind === 'interrupted' || earlyEnd(summary) !== undefined;
}
