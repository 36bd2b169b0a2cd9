/** What the members of a cluster have written, where their leader has copies of it. Pure. */

import { join } from 'node:path';
import type { ClusterInfo } from '../../run/cluster-info.ts';
import type { ClusterOutput } from '../read-output.ts';

/**
 * By the leader's state, once nothing grows any more. Undefined where the load came from one
 * instance, and for a member that followed: it has its own part only.
 */
export function copiedOutput(
  cluster: ClusterInfo | undefined,
  membersDir: string,
): ClusterOutput | undefined {
  if (cluster === undefined || cluster.leader !== cluster.self) return undefined;
  const { self, members } = cluster;
  const others = members.filter(({ instanceId }) => instanceId !== self && isId(instanceId));
  if (others.length === 0) return undefined;
  return {
    self,
    shares: new Map(members.map(({ instanceId, share }) => [instanceId, share])),
    others: others.map(({ instanceId, clockOffsetMs = 0 }) => ({
      instanceId,
      engineDir: join(membersDir, instanceId, 'engine'),
      clockOffsetMs,
      hasEnded: async () => true,
    })),
  };
}

/** The state may have come from another machine: a member has no other name for a folder. */
function isId(instanceId: string): boolean {
  return /^[\w-]{1,64}$/.test(instanceId);
}
