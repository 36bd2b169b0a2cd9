/**
 * How members agree on who leads and who belongs to the run. Each has one vote, which is written
 * down before it is given: more than half of the votes can go to one leader only.
 */

import { problem } from '../../run/problem-schema.ts';
import {
  type FromSchema,
  list,
  object,
  parseWithSchema,
  someText,
  text,
  truth,
  wholeNumber,
} from '../../schema.ts';
import { byRank, type Member, memberSchema } from '../member.ts';

/** What a candidate asks a vote for. */
export const proposalSchema = object({ leader: memberSchema });
type Proposal = FromSchema<typeof proposalSchema>;

/**
 * `lower`: who should lead in the candidate's place. `votedFor`: who has this vote already.
 * `failed`: why this member will not fire.
 */
const voteSchema = object(
  { granted: truth },
  { lower: memberSchema, votedFor: someText, failed: problem },
);
export type Vote = FromSchema<typeof voteSchema>;

/**
 * The membership of a run, which does not change any more. `members` are in their rank, the leader
 * is one of them. `runKey`: 32 bytes, in hexadecimal; it takes the place of the derived key.
 */
export const membershipSchema = object({
  version: wholeNumber,
  leader: someText,
  runId: someText,
  runKey: text('64 hexadecimal digits', (value) => /^[0-9a-f]{64}$/.test(value)),
  members: list(memberSchema),
});
export type Membership = FromSchema<typeof membershipSchema>;

export const parseVote = (json: string): Vote => parseWithSchema(voteSchema, json);
export const parseMembership = (json: string): Membership =>
  parseWithSchema(membershipSchema, json);

/** Who should lead of those who are known. */
export function candidateOf(members: readonly [Member, ...Member[]]): Member {
  const [first] = members.toSorted(byRank);
  return first ?? members[0];
}

/**
 * Whether this member would vote for the proposal. `votedFor`: the leader it has voted for already,
 * also before a restart.
 */
export function judge(
  { leader }: Proposal,
  { known, votedFor }: Readonly<{ known: readonly Member[]; votedFor: Member | undefined }>,
): Vote {
  if (votedFor !== undefined) {
    const { instanceId } = votedFor;
    return instanceId === leader.instanceId
      ? { granted: true }
      : { granted: false, votedFor: instanceId };
  }
  const lowest = candidateOf([leader, ...known]);
  return lowest.instanceId === leader.instanceId
    ? { granted: true }
    : { granted: false, lower: lowest };
}

/** More than half of `size`: so many votes can be given to one leader only. */
export function leastQuorum(size: number): number {
  return Math.floor(size / 2) + 1;
}
