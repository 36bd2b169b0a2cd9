/** Begins this member's part in a cluster that has agreed. */

import { join } from 'node:path';
import { createFollower, type Follower } from '../../cluster/following/follower.ts';
import type { MemberProgress } from '../../cluster/following/progress.ts';
import { createSharedFiles } from '../../cluster/following/shared-files.ts';
import type { Joined } from '../../cluster/join.ts';
import { createLeader, type Leader } from '../../cluster/leading/leader.ts';
import type { Outcome } from '../../engine/engine.ts';
import { isThere } from '../../files/files.ts';
import { wait } from '../../retry.ts';
import type { RunState } from '../../run/state.ts';
import type { ClusterSettings } from '../../settings/settings.ts';
import { aborted, type Run } from '../run.ts';
import type { ClusterLink } from './cluster.ts';
import { agreedInfo } from './info.ts';

type LinkOptions = Readonly<{ id: string; settings: ClusterSettings }>;

type Linking = Pick<
  Run,
  'askToStop' | 'folder' | 'interrupt' | 'interrupted' | 'log' | 'signal' | 'stopAsked' | 'store'
>;

/** How often what the page shows of the cluster is looked at. */
const lookEveryMs = 1_000;

export function startPathOf({ clusterDir }: Pick<Run['folder'], 'clusterDir'>): string {
  return join(clusterDir, 'start.json');
}

export function donePathOf({ clusterDir }: Pick<Run['folder'], 'clusterDir'>): string {
  return join(clusterDir, 'done.json');
}

/** Keeps in touch with the others until the agent ends. */
export async function link(
  run: Linking,
  joined: Joined,
  options: LinkOptions,
): Promise<ClusterLink> {
  const { folder, log, signal, store } = run;
  const { membership, self } = joined;
  const isLeader = membership.leader === self.instanceId;
  let isReady = false;
  let ownOutcome: Outcome['kind'] | undefined;
  const stage = (): MemberProgress['stage'] =>
    // A member has ended for its leader once it can say how.
    ownOutcome === undefined || !isLeader ? stageOf(run, isReady) : 'ended';
  const startPath = startPathOf(folder);
  const leader = isLeader
    ? createLeader({
        others: membership.members.filter(({ instanceId }) => instanceId !== self.instanceId),
        ask: joined.ask,
        membersDir: folder.membersDir,
        startPath,
        log,
      })
    : undefined;
  const follower = isLeader ? undefined : await follow(run, joined, { startPath, stage });
  if (leader !== undefined) lead(run, leader);

  const refresh = async (): Promise<void> => {
    const known = store.current().cluster;
    const info = agreedInfo({ ...options, self: self.instanceId }, membership, {
      stage: stage(),
      outcome: ownOutcome,
      leader,
      known: known?.members ?? [],
    });
    if (JSON.stringify(known) !== JSON.stringify(info)) await store.note({ cluster: info });
  };
  const show = async (): Promise<void> => {
    while (!signal.aborted) {
      await refresh();
      await wait(lookEveryMs, signal).catch(() => {});
    }
  };
  await refresh();
  void show();

  const index = membership.members.findIndex(({ instanceId }) => instanceId === self.instanceId);
  return {
    membership,
    share: { index, weights: membership.members.map(({ cpus }) => cpus) },
    ...(leader === undefined ? {} : { leader }),
    ...(follower === undefined ? {} : { follower }),
    async ready(until) {
      isReady = true;
      await refresh();
      const start = await (leader ?? follower)?.start(until);
      if (start === undefined) throw new Error('neither leads nor follows');
      return start.atMs;
    },
    ended(outcome) {
      ownOutcome = outcome.kind;
      // The run has failed by then, whatever the others go on to do.
      if (outcome.kind === 'failed') leader?.end({ problem: outcome.problem });
      leader?.ownHasEnded();
    },
  };
}

function lead(run: Linking, leader: Leader): void {
  const { folder, signal, store } = run;
  const { outcome } = store.current();
  // Who has not heard before a restart of this agent that nobody fires hears of it now.
  if (outcome !== undefined && !isThere(folder.firedJson))
    leader.end('problem' in outcome ? { problem: outcome.problem } : {});
  void leader.lead(signal);
  void run.stopAsked.then(() => leader.end({}));
  void aborted(run.interrupted).then(() => {
    const { interruption: problem } = store.current();
    leader.end(problem === undefined ? {} : { problem });
  });
  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      if (leader.contacts.some((contact) => contact.progress()?.stopAskedAt !== undefined))
        run.askToStop();
      await wait(lookEveryMs, signal).catch(() => {});
    }
  };
  void watch();
}

async function follow(
  run: Linking,
  { membership, follow }: Joined,
  { startPath, stage }: Readonly<{ startPath: string; stage(): MemberProgress['stage'] }>,
): Promise<Follower> {
  const { folder, signal, store } = run;
  const leader = membership.members.find(({ instanceId }) => instanceId === membership.leader);
  if (leader === undefined) throw new Error(`${membership.leader} leads, and is not a member`);
  const follower = await createFollower({
    leader,
    files: createSharedFiles(folder),
    startPath,
    donePath: donePathOf(folder),
    progress: () => progressOf(store.current(), stage(), isThere(startPath)),
    onStop: run.askToStop,
    onInterrupt: run.interrupt,
  });
  follow(follower.followed);
  void follower.watch(signal);
  return follower;
}

function stageOf(
  { folder, store }: Pick<Run, 'folder' | 'store'>,
  isReady: boolean,
): MemberProgress['stage'] {
  const { phase } = store.current();
  if (phase === 'running') return 'running';
  const isOver = ['reporting', 'publishing', 'finished', 'failed'].includes(phase);
  if (isOver) return isThere(folder.firedJson) ? 'ended' : 'failed';
  return isReady ? 'ready' : 'preparing';
}

function progressOf(
  { outcome, problems, stopAskedAt }: RunState,
  stage: MemberProgress['stage'],
  hasStart: boolean,
): Omit<MemberProgress, 'nowMs'> {
  const problem = outcome !== undefined && 'problem' in outcome ? outcome.problem : problems.at(0);
  return {
    stage,
    hasStart,
    ...(outcome === undefined ? {} : { outcome: outcome.kind }),
    ...(problem === undefined ? {} : { problem }),
    ...(stopAskedAt === undefined ? {} : { stopAskedAt }),
  };
}
