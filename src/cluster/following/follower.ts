/** A member that does what its leader says, as long as it hears of it. */

import { errorOf, OnagerError } from '../../errors.ts';
import { claim, isThere, readIfThere } from '../../files/files.ts';
import { orAborted, wait } from '../../retry.ts';
import type { Member } from '../member.ts';
import { readStart, type StartOrder } from './orders.ts';
import type { MemberProgress } from './progress.ts';
import type { FollowedMember } from './run-routes.ts';
import type { SharedFiles } from './shared-files.ts';

type FollowerOptions = Readonly<{
  leader: Member;
  files: SharedFiles;
  /** Where the start is written down. */
  startPath: string;
  /** Where it is written down that the leader has everything. */
  donePath: string;
  progress(): Omit<MemberProgress, 'nowMs'>;
  /** A user has asked the leader to stop. */
  onStop(): void;
  /** The load must end early, or must not begin. */
  onInterrupt(reason: OnagerError): void;
  /** How long a silent leader is waited for, in steps in which this process was awake. */
  pace?: Readonly<{ everyMs: number; lostMs: number }>;
}>;

export type Follower = Readonly<{
  followed: FollowedMember;
  /** Resolves once the leader has said when the load starts. Rejects if it will not. */
  start(signal: AbortSignal): Promise<StartOrder>;
  /** Resolves once the leader has all files of this member, or is lost. */
  untilDone(signal: AbortSignal): Promise<'done' | 'lost'>;
  isLeaderLost(): boolean;
  /** Watches whether the leader still asks; ends with the signal. */
  watch(signal: AbortSignal): Promise<void>;
}>;

const followPace = { everyMs: 1_000, lostMs: 30_000 };

export async function createFollower(options: FollowerOptions): Promise<Follower> {
  const { leader, files, startPath, donePath, progress, onStop, onInterrupt } = options;
  const { everyMs, lostMs } = options.pace ?? followPace;
  const begun = Promise.withResolvers<StartOrder>();
  const done = Promise.withResolvers<'done' | 'lost'>();
  begun.promise.catch(() => {});
  let wasHeard = false;
  let lost = false;
  let isDone = false;

  const known = await readStart(startPath);
  if (known !== undefined) begun.resolve(known);
  if ((await readIfThere(donePath)) !== undefined) finish();

  /** From now on nothing is missing where the leader is gone. */
  function finish(): void {
    isDone = true;
    done.resolve('done');
  }

  function lose(): void {
    if (lost) return;
    lost = true;
    const error = leaderLost(leader, lostMs, isThere(startPath));
    begun.reject(error);
    done.resolve('lost');
    onInterrupt(error);
  }

  return {
    followed: {
      files,
      heard() {
        wasHeard = true;
      },
      progress: () => ({ ...progress(), nowMs: Date.now() }),
      async start(order) {
        await claim(startPath, JSON.stringify(order));
        begun.resolve((await readStart(startPath)) ?? order);
      },
      async end({ problem }) {
        if (problem === undefined) return onStop();
        const error = errorOf(problem);
        begun.reject(error);
        onInterrupt(error);
      },
      async done() {
        await claim(donePath, new Date().toISOString());
        finish();
      },
    },
    start: (signal) => orAborted(begun.promise, signal),
    untilDone: (signal) => orAborted(done.promise, signal),
    isLeaderLost: () => lost,
    async watch(signal) {
      for (let silentMs = 0; !signal.aborted; ) {
        await wait(everyMs, signal).catch(() => {});
        silentMs = wasHeard ? 0 : silentMs + everyMs;
        wasHeard = false;
        if (isDone) return;
        if (silentMs >= lostMs && !signal.aborted) return lose();
      }
    },
  };
}

function leaderLost(
  { instanceId, address }: Member,
  lostMs: number,
  hasStart: boolean,
): OnagerError {
  const message = `the leader ${instanceId} at ${address} has not asked for ${lostMs / 1_000} s`;
  return new OnagerError('CLUSTER_LEADER_LOST', message, {
    hint: hasStart
      ? 'this member ends its part of the load, and reports and publishes it by itself'
      : 'look at its console log; nothing has been fired here, so launch the cluster again',
  });
}
