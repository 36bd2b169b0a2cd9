/** What is said where members of the cluster are missing, or will not fire. */

import type { Membership } from '../../cluster/gathering/agreement.ts';
import { OnagerError, type Problem } from '../../errors.ts';
import type { ClusterSettings } from '../../settings/settings.ts';

/** The load is shared by fewer than were asked for. */
export function absentMembers(
  { members }: Pick<Membership, 'members'>,
  { size, timeoutMs }: Pick<ClusterSettings, 'size' | 'timeoutMs'>,
): readonly Problem[] {
  if (members.length === size) return [];
  const there = new Set(members.map(({ launchIndex }) => launchIndex));
  const absent = Array.from({ length: size }, (_, index) => index).filter((at) => !there.has(at));
  // Instances of a fleet may all have the same index.
  const isKnown = absent.length === size - members.length;
  const which = isKnown ? ` (launch index ${absent.join(', ')} never came)` : '';
  return [
    {
      code: 'CLUSTER_INCOMPLETE',
      message: `${members.length} of the ${size} members came in ${timeoutMs / 1_000} s, and fire the whole load${which}`,
      hint: 'cluster.quorum allows it; look at the console log of those that did not come',
    },
  ];
}

/** Tells the others why this member will not fire. */
export const stoppedHere: Problem = {
  code: 'CLUSTER_STOPPED',
  message: 'a user stopped it there before the load began',
  hint: 'launch the cluster again',
};

/** `hint`: why members may not have been found. */
export function withHint(error: unknown, hint: string | undefined): unknown {
  if (hint === undefined || !(error instanceof OnagerError)) return error;
  if (error.code !== 'CLUSTER_INCOMPLETE') return error;
  return new OnagerError(error.code, error.message, { hint: `${error.hint}; ${hint}` });
}

/** A second launch of the same scenario, which the user may not know of. */
export function secondLaunch(instanceId: string): Problem {
  return {
    code: 'CLUSTER_TWICE',
    message: `${instanceId} in this network has the same user-data, and belongs to another cluster`,
    hint: 'instances that are to fire one load need the same cluster.id, where each is a launch of its own (as by count in Terraform); of two launches, each fires its whole load',
  };
}
