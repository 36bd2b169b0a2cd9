/** The phase `gathering`: the members of a cluster find each other, and share the load. */

import type { Settings } from '../../settings/settings.ts';
import { noteWait } from '../awaiting.ts';
import type { ClusterLink, Versions } from '../cluster/cluster.ts';
import { type Run, reach } from '../run.ts';

/** Undefined: the load comes from this instance alone. */
export async function gatherMembers(
  run: Pick<Run, 'cluster' | 'log' | 'now' | 'store'>,
  settings: Settings,
  versions: Versions,
  signal: AbortSignal,
): Promise<ClusterLink | undefined> {
  if (settings.cluster === undefined || settings.cluster.size === 1) return undefined;
  await reach(run, { phase: 'gathering' });
  await noteWait(run, { what: 'the other members of the cluster' });
  return await run.cluster.join(settings, versions, signal);
}
