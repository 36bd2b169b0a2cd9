/** The part of a cluster's load that one instance fires, where another instance has the whole. */

import type { ClusterInfo } from './cluster-info.ts';

/**
 * `leader`: the instance that has the whole run, and `page`, the URL of its page. `share`: of the
 * load, 0 to 1. `members`: how many fire.
 */
export type ClusterPart = Readonly<{
  leader: string;
  page?: string;
  share?: number;
  members: number;
}>;

/** Undefined for a leader, before the members have agreed, and without a cluster. */
export function partOf(cluster: ClusterInfo | undefined): ClusterPart | undefined {
  if (cluster?.leader === undefined || cluster.leader === cluster.self) return undefined;
  const { leader, members, self } = cluster;
  const share = members.find(({ instanceId }) => instanceId === self)?.share;
  const page = members.find(({ instanceId }) => instanceId === leader)?.page;
  return {
    leader,
    members: members.length,
    ...(page === undefined ? {} : { page }),
    ...(share === undefined ? {} : { share }),
  };
}

/** The cluster that this instance leads, once its members have agreed. */
export function ledCluster(cluster: ClusterInfo | undefined): ClusterInfo | undefined {
  return cluster?.leader !== undefined && cluster.leader === cluster.self ? cluster : undefined;
}

/** What this member fires: `1/4 of the load`, `23.5 % of the load`. */
export function partText({ share }: ClusterPart): string {
  if (share === undefined || share <= 0) return 'a part of the load';
  const parts = Math.round(1 / share);
  const isOneOf = Math.abs(share * parts - 1) < 0.001;
  return isOneOf ? `1/${parts} of the load` : `${(share * 100).toPrecision(3)} % of the load`;
}
