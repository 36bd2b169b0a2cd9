/** The cluster that a run belongs to, as run.json holds it and as the page shows it. */

import type { ClusterMember } from './cluster-member.ts';

/**
 * `id`: what its members have in common, such as their reservation. `size`: how many are expected.
 * `self`: the instance whose state this is. `leader`: whose page and report are those of the whole
 * run; absent until the members have agreed.
 */
export type ClusterInfo = Readonly<{
  id: string;
  size: number;
  quorum: number;
  self: string;
  leader?: string;
  /** How many are there while they gather: a member that does not lead asks few of them. */
  count?: number;
  /** In their rank; while they gather, those that are known. */
  members: readonly ClusterMember[];
}>;
