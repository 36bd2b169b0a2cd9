/** A member that does not lead: tells the leader who else is there, and sees that it is there. */

import { OnagerError } from '../../errors.ts';
import type { Introduced, Member } from '../member.ts';
import { failedThere } from '../member-errors.ts';
import type { GatherOptions } from './options.ts';
import { answerOf, statusOf } from './questions.ts';

/**
 * Gives up a leader that is silent: for another one, or for good if it has this member's vote. It
 * has to be called often, and does something once a step.
 */
export type LeaderWatch = Readonly<{
  look(leader: Member, nowMs: number, signal: AbortSignal): Promise<void>;
}>;

type State = { leader: string; nextMs: number; silentFromMs: number | undefined };

export function createLeaderWatch({
  self,
  ask,
  roster,
  ballot,
  pace,
}: Pick<GatherOptions, 'self' | 'ask' | 'roster' | 'ballot' | 'pace'>): LeaderWatch {
  const { everyMs, silentMs, lostMs } = pace;
  let state: State = { leader: '', nextMs: 0, silentFromMs: undefined };
  let told = new Set<string>();

  async function tell(leader: Member, signal: AbortSignal): Promise<void> {
    const known = [...roster.others(), ...roster.introduced()];
    const news = known.filter(
      ({ instanceId }) => !told.has(instanceId) && instanceId !== leader.instanceId,
    );
    if (news.length === 0) return;
    const question = {
      method: 'POST',
      path: '/introductions',
      body: news.map(introduced),
    } as const;
    if ((await answerOf(ask(leader, { ...question, silentMs }, signal))) === undefined) return;
    for (const { instanceId } of news) told.add(instanceId);
  }

  async function isThere(leader: Member, signal: AbortSignal): Promise<boolean> {
    const status = await statusOf({ ask, from: self.instanceId, silentMs }, leader, signal);
    if (status === undefined) return false;
    if (status instanceof OnagerError) throw status;
    roster.told(status.count);
    if (status.failed === undefined) return true;
    throw failedThere(leader, status.failed);
  }

  function giveUp(leader: Member): void {
    if (ballot.votedFor() !== undefined) throw leaderLost(leader, lostMs);
    roster.remove(leader.instanceId);
  }

  return {
    async look(leader, nowMs, signal) {
      if (state.leader !== leader.instanceId) {
        state = { leader: leader.instanceId, nextMs: 0, silentFromMs: undefined };
        told = new Set();
      }
      if (nowMs < state.nextMs) return;
      state.nextMs = nowMs + everyMs;
      if (await isThere(leader, signal)) {
        state.silentFromMs = undefined;
        await tell(leader, signal);
        return;
      }
      state.silentFromMs ??= nowMs;
      if (nowMs - state.silentFromMs >= lostMs) giveUp(leader);
    },
  };
}

function introduced({ instanceId, launchIndex, address, port }: Introduced): Introduced {
  return { instanceId, launchIndex, address, port };
}

function leaderLost({ instanceId, address }: Member, lostMs: number): OnagerError {
  const message = `the leader ${instanceId} at ${address} has not answered for ${lostMs / 1_000} s`;
  const hint = 'look at its console log; members vote once, so launch the cluster again';
  return new OnagerError('CLUSTER_LEADER_LOST', message, { hint });
}
