/** A member of a cluster as the run's state tells of it. */

import type { Outcome } from '../engine/engine.ts';

/** `silent`: it does not answer. `lost`: nobody waits for it any more. */
export type MemberState = 'gathered' | 'ready' | 'running' | 'ended' | 'failed' | 'silent' | 'lost';

/**
 * `address`: within the network of the members. `page`: the URL of its page. `share`: of the load,
 * 0 to 1; absent until the members have agreed. `clockOffsetMs`: by how much its clock is ahead of
 * the leader's. `silentSince`: when it answered last, if it does not now (ISO 8601 UTC).
 */
export type ClusterMember = Readonly<{
  instanceId: string;
  launchIndex: number;
  address: string;
  page: string;
  cpus: number;
  state: MemberState;
  share?: number;
  clockOffsetMs?: number;
  silentSince?: string;
  /** How its own load ended. */
  outcome?: Outcome['kind'];
}>;
