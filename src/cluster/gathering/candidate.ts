/** The member that would lead: asks for votes, writes the membership down, and tells all of it. */

import { randomBytes } from 'node:crypto';
import { OnagerError, type Problem } from '../../errors.ts';
import { claim } from '../../files/files.ts';
import { wait } from '../../retry.ts';
import { byRank, differences, type Member } from '../member.ts';
import { memberLost } from '../member-errors.ts';
import { type Membership, parseVote, type Vote } from './agreement.ts';
import type { GatherOptions } from './options.ts';
import { createPatience } from './patience.ts';
import { answerOf } from './questions.ts';

export type Candidacy = Readonly<{
  /** The membership, once `enough` members have voted for this one. */
  win(enough: number, signal: AbortSignal): Promise<Membership | undefined>;
  votes(): number;
  /** Those who answered that they will not fire, and why. */
  failed(): ReadonlyMap<string, Problem>;
}>;

type CandidateOptions = Pick<
  GatherOptions,
  'self' | 'runId' | 'size' | 'roster' | 'ballot' | 'ask' | 'membershipPath' | 'pace'
>;

export function createCandidate(options: CandidateOptions): Candidacy {
  const { self, runId, size, roster, ballot, ask, membershipPath } = options;
  const { silentMs } = options.pace;
  // A vote is given once and for ever.
  const voters = new Map<string, Member>();
  const failed = new Map<string, Problem>();

  async function askFor(member: Member, signal: AbortSignal): Promise<void> {
    const question = { method: 'POST', path: '/vote', body: { leader: self }, silentMs } as const;
    const vote = voteIn(await answerOf(ask(member, question, signal)));
    if (vote?.granted === true) voters.set(member.instanceId, member);
    if (vote?.lower !== undefined) roster.introduce(vote.lower);
    if (vote?.failed === undefined) return;
    failed.set(member.instanceId, vote.failed);
    roster.remove(member.instanceId);
  }

  return {
    async win(enough, signal) {
      if (!(await ballot.give(self))) return undefined;
      const asked = roster.others().filter(({ instanceId }) => !voters.has(instanceId));
      await Promise.all(asked.map(async (member) => await askFor(member, signal)));
      if (1 + voters.size < enough) return undefined;
      const others = [...voters.values()].toSorted(byRank).slice(0, size - 1);
      const membership: Membership = {
        version: 1,
        leader: self.instanceId,
        runId,
        runKey: randomBytes(32).toString('hex'),
        members: [self, ...others].toSorted(byRank),
      };
      await claim(membershipPath, JSON.stringify(membership));
      return membership;
    },
    votes: () => 1 + voters.size,
    failed: () => failed,
  };
}

function voteIn(text: string | undefined): Vote | undefined {
  try {
    return text === undefined ? undefined : parseVote(text);
  } catch {
    return undefined;
  }
}

/**
 * Resolves when every member has the membership on its disk.
 *
 * @throws OnagerError CLUSTER_MEMBER_LOST
 */
export async function tellAll(
  { self, ask, pace }: Pick<GatherOptions, 'self' | 'ask' | 'pace'>,
  membership: Membership,
  signal: AbortSignal,
): Promise<void> {
  const others = membership.members.filter(({ instanceId }) => instanceId !== self.instanceId);
  const { everyMs, silentMs, lostMs } = pace;
  const question = { method: 'POST', path: '/membership', body: membership, silentMs } as const;
  await Promise.all(
    others.map(async (member) => {
      const patience = createPatience(everyMs + silentMs);
      while (patience.passedMs() < lostMs) {
        if ((await answerOf(ask(member, question, signal))) !== undefined) return;
        await wait(everyMs, signal);
      }
      throw memberLost(member, lostMs);
    }),
  );
}

/** @throws OnagerError CLUSTER_MIXED */
export function refuseMixed(members: readonly Member[]): void {
  const [difference] = differences(members);
  if (difference === undefined) return;
  const message = `members of the cluster differ in their ${difference}`;
  throw new OnagerError('CLUSTER_MIXED', message, { hint: 'launch all from one image' });
}
