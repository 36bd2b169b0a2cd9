/** How the load of a whole cluster ended, in one outcome and in words. Pure. */

import type { Outcome } from '../engine/engine.ts';
import type { Problem } from '../errors.ts';
import { percentOf } from '../results/failed-share.ts';

/** `share`: of the load, 0 to 1, where that is known. */
type Part = Readonly<{ instanceId: string; share: number | undefined }>;

/**
 * `own`: of the leader's part. `loss`: the first part that is missing. `others`: how the others'
 * loads ended, where that is known.
 */
export function outcomeOfWhole(
  own: Outcome,
  loss: Problem | undefined,
  others: readonly (Outcome['kind'] | undefined)[],
): Outcome {
  if (own.kind !== 'complete' && own.kind !== 'cut') return own;
  const { verdict } = own;
  const kept = verdict === undefined ? {} : { verdict };
  if (loss !== undefined) return { kind: 'interrupted', problem: loss, ...kept };
  if (others.includes('stopped')) return { kind: 'stopped', ...kept };
  return others.includes('cut') ? { kind: 'cut', ...kept } : own;
}

/** A member that is gone. `how`: what is known of it: `was last heard 12 s into the load`. */
export function lostPart(part: Part, how: string): Problem {
  return {
    code: 'CLUSTER_MEMBER_LOST',
    message: `the member ${inWords(part)} ${how}`,
    hint: 'what is here of it is in the figures; look at its console log',
  };
}

/** A member whose load ended before its time. */
export function shortPart(part: Part, why: Problem | undefined): Problem {
  return {
    code: 'CLUSTER_MEMBER_LOST',
    message: `the load of the member ${inWords(part)} ended early: ${why?.message ?? 'it does not say why'}`,
    hint: why?.hint ?? 'what it measured until then is in the figures',
  };
}

function inWords({ instanceId, share }: Part): string {
  return share === undefined
    ? instanceId
    : `${instanceId}, which fired ${percentOf(share)} of the load,`;
}
