/** What stopping the load does, for the question before it. Pure. */

import type { ClusterInfo } from '../../run/cluster-info.ts';
import { partOf } from '../../run/cluster-part.ts';
import { plural } from '../format.ts';

export function stopWords(cluster: ClusterInfo | undefined): string {
  const kept = 'Everything measured so far is kept and goes into the report.';
  if (cluster === undefined) return `No more users start, and the active ones are ended. ${kept}`;
  const all = `the load of all ${plural(cluster.members.length, 'member')}`;
  const users = 'no more users start, and the active ones are ended';
  const part = partOf(cluster);
  return part === undefined
    ? `This stops ${all}: ${users}. ${kept}`
    : `This instance fires only a part. It asks the leader, ${part.leader}, to stop ${all}: ${users}. ${kept}`;
}
