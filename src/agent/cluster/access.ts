/** How the phases of a run reach its cluster: it is joined once, and left when the agent ends. */

import type { Gathering } from '../../cluster/gathering/options.ts';
import { type Joined, joinCluster } from '../../cluster/join.ts';
import { type Problem, problemsOf } from '../../errors.ts';
import { warn } from '../../run/warnings.ts';
import type { Settings } from '../../settings/settings.ts';
import { noteWait } from '../awaiting.ts';
import type { Run } from '../run.ts';
import { absentMembers, secondLaunch, stoppedHere, withHint } from './absence.ts';
import type { ClusterAccess, ClusterLink, Versions } from './cluster.ts';
import { gatheringInfo } from './info.ts';
import { link, startPathOf } from './link.ts';
import { findPlace, type MemberPlace } from './place.ts';
import { hearSiblings, tellFirst, unsizedProblem } from './siblings.ts';

/** `run.signal`: until it is aborted, the members are kept in touch with. */
export function createClusterAccess(run: Omit<Run, 'cluster'>): ClusterAccess {
  let linked: Promise<ClusterLink | undefined> | undefined;
  let current: ClusterLink | undefined;
  const opened = new AsyncDisposableStack();
  let failure: Problem | undefined;

  return {
    join(settings, versions, signal) {
      const { cluster } = settings;
      if (cluster === undefined || cluster.size === 1) return Promise.resolve(undefined);
      linked ??= (async () => {
        const place = await findPlace(run, cluster, versions, signal);
        const joined = await meet(run, { ...settings, cluster }, place, {
          opened,
          signal,
          failed: () => failure,
        });
        await warn(run.store, absentMembers(joined.membership, cluster));
        current = await link(run, joined, { id: place.cluster.value, settings: cluster });
        return current;
      })();
      return linked;
    },
    refuseUnsized(settings) {
      const problem = unsizedProblem(run.instance, settings);
      if (problem === undefined) return;
      if (problem.code === 'CLUSTER_SIZE_UNSET') void tellFirst(run);
      throw problem;
    },
    async hearSiblings({ cluster }, signal) {
      if (cluster === undefined) await hearSiblings(run, signal);
    },
    current: () => current,
    fail(error, settings) {
      const { interruption, stopAskedAt } = run.store.current();
      const why = stopAskedAt === undefined ? interruption : stoppedHere;
      failure = why ?? problemsOf(error)[0];
      if (failure === undefined) return;
      current?.leader?.end({ problem: failure });
      // Who was not meant to fire is not missed by the others.
      const isOther = failure.code === 'CLUSTER_OVER_SIZE';
      if (linked === undefined && settings !== undefined && !isOther)
        void this.join(settings, noVersions, run.signal).catch(() => {});
    },
    async [Symbol.asyncDispose]() {
      await opened.disposeAsync();
    },
  };
}

/** Of a member that will not fire nobody compares them. */
const noVersions: Versions = { engine: '-', runtime: '-' };

/** So many are named. */
const maxNamed = 3;

async function meet(
  run: Omit<Run, 'cluster'>,
  { cluster: settings, publish }: Settings & Required<Pick<Settings, 'cluster'>>,
  place: MemberPlace,
  {
    opened,
    signal,
    failed,
  }: Readonly<{
    opened: AsyncDisposableStack;
    signal: AbortSignal;
    failed(): Problem | undefined;
  }>,
): Promise<Joined> {
  const { credentials, folder, imds, instance, log, store } = run;
  const { self, cluster } = place;
  const others = new Set<string>();
  const info = { id: cluster.value, settings, self: self.instanceId };
  let hint: string | undefined;
  let told = 0;
  let shown = 0;

  function tell({ members, count, size, leftMs }: Gathering): void {
    const known = Math.min(size, count);
    if (known !== told || members.length !== shown) {
      if (known !== told) log.info({ members: known, size }, 'members of the cluster');
      [told, shown] = [known, members.length];
      // Why nobody is found is no longer true.
      hint = undefined;
      void store.note({ cluster: gatheringInfo(info, members, known) });
    }
    const what = `${size - known} of the ${size} members of the cluster`;
    const lastAnswer = hint === undefined ? {} : { lastAnswer: hint };
    if (known < size) void noteWait(run, { what, leftMs, ...lastAnswer });
  }

  const joining = joinCluster(
    {
      ...place,
      settings,
      publish,
      runId: store.current().runId,
      dir: folder.clusterDir,
      startPath: startPathOf(folder),
      region: instance.region,
      imds,
      credentials,
      failed,
      onWaiting: tell,
      onHint(text) {
        if (text !== hint) log.warn({ hint: text }, 'members may not be found');
        hint = text;
      },
      onOther(instanceId) {
        if (others.has(instanceId) || others.size > 100) return;
        others.add(instanceId);
        log.warn({ instanceId }, 'an instance of another cluster has the same user-data');
        if (others.size <= maxNamed) void warn(store, [secondLaunch(instanceId)]);
      },
      onTaken(error) {
        log.warn({ err: error }, 'the port of the members cannot be opened; trying again');
      },
      log: log.child({ stage: 'cluster' }),
    },
    opened,
    signal,
  );
  return await joining.catch((error: unknown) => Promise.reject(withHint(error, hint)));
}
