/**
 * Gathers the members of a cluster: knows those who answer, lets the first of them lead, and ends
 * with a membership that all have on their disks.
 */

import { OnagerError } from '../../errors.ts';
import { readIfThere } from '../../files/files.ts';
import { wait } from '../../retry.ts';
import { failedThere } from '../member-errors.ts';
import { candidateOf, leastQuorum, type Membership, parseMembership } from './agreement.ts';
import { type Candidacy, createCandidate, refuseMixed, tellAll } from './candidate.ts';
import { createGreeter, type Greeter } from './greeter.ts';
import { createLeaderWatch, type LeaderWatch } from './leader-watch.ts';
import { defaultPace, type GatherOptions } from './options.ts';
import { createPatience } from './patience.ts';

type Given = Omit<GatherOptions, 'pace'> & Partial<Pick<GatherOptions, 'pace'>>;
type Parts = Readonly<{ greeter: Greeter; leaderWatch: LeaderWatch; candidate: Candidacy }>;

/** News that come one after another are looked at together. */
const newsMs = 20;

/**
 * @throws OnagerError CLUSTER_INCOMPLETE, CLUSTER_LEADER_LOST, CLUSTER_MEMBER_LOST, CLUSTER_MIXED,
 * CLUSTER_TOO_LATE, or what another member failed with
 */
export async function gather(given: Given, signal: AbortSignal): Promise<Membership> {
  const options = { ...given, pace: given.pace ?? defaultPace };
  const { self, size, timeoutMs, roster, onWaiting, pace } = options;
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const parts = {
    greeter: createGreeter(options, until),
    leaderWatch: createLeaderWatch(options),
    candidate: createCandidate(options),
  };
  const patience = createPatience(pace.everyMs + pace.silentMs);
  try {
    for (;;) {
      const news = roster.changed();
      const stored = await readIfThere(options.membershipPath);
      const sinceMs = patience.passedMs();
      const agreed =
        stored === undefined ? await turn(options, parts, sinceMs, until) : parseMembership(stored);
      if (agreed?.leader === self.instanceId) await tellAll(options, agreed, until);
      if (agreed !== undefined) return agreed;
      const leftMs = Math.max(0, timeoutMs - sinceMs);
      onWaiting({ members: roster.members(), count: roster.count(), size, leftMs });
      await nextLook(news, pace.everyMs, until);
    }
  } finally {
    done.abort();
  }
}

/** Leads if it is this member's turn, or looks after who should lead. */
async function turn(
  options: GatherOptions,
  { greeter, leaderWatch, candidate }: Parts,
  sinceMs: number,
  signal: AbortSignal,
): Promise<Membership | undefined> {
  const { self, size, timeoutMs, roster, ballot } = options;
  const members = roster.members();
  const leader = ballot.votedFor() ?? candidateOf(members);
  greeter.look(leader, sinceMs);
  const refusal = greeter.refusal();
  if (refusal !== undefined) throw refusal;
  if (leader.instanceId !== self.instanceId) {
    await leaderWatch.look(leader, sinceMs, signal);
    return undefined;
  }
  refuseMixed(members);
  const isLate = sinceMs >= timeoutMs;
  const least = Math.max(options.quorum, leastQuorum(size));
  const enough = isLate ? least : size;
  const agreed = members.length < enough ? undefined : await candidate.win(enough, signal);
  if (agreed !== undefined) return agreed;
  const failed = new Map([...greeter.failed(), ...candidate.failed()]);
  const [first] = failed;
  // Who is one too many is not missed.
  const spare = Math.max(0, members.length + failed.size - size);
  if (first !== undefined && size - failed.size + spare < least)
    throw failedThere({ instanceId: first[0] }, first[1]);
  if (isLate) throw incomplete(options, { enough, votes: candidate.votes() });
  return undefined;
}

/** At the next news, or after a step. */
async function nextLook(news: Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  await wait(Math.min(newsMs, everyMs), signal);
  const woken = new AbortController();
  void news.then(() => woken.abort());
  const step = wait(everyMs, AbortSignal.any([signal, woken.signal]));
  await step.catch(() => signal.throwIfAborted());
}

function incomplete(
  { roster, size, timeoutMs }: Pick<GatherOptions, 'roster' | 'size' | 'timeoutMs'>,
  { enough, votes }: Readonly<{ enough: number; votes: number }>,
): OnagerError {
  const members = roster.members();
  const names = members.map(({ instanceId }) => instanceId).join(', ');
  const inTime = `in ${Math.round(timeoutMs / 1_000)} s`;
  if (members.length >= enough) {
    const message = `${votes} of ${members.length} members agreed to the leader ${inTime} (${names}), and ${enough} are needed`;
    const hint = 'members vote once, perhaps before a restart: launch the cluster again';
    return new OnagerError('CLUSTER_INCOMPLETE', message, { hint });
  }
  return new OnagerError(
    'CLUSTER_INCOMPLETE',
    `${members.length} of ${size} members came ${inTime} (${names}), and ${enough} are needed`,
    {
      hint: 'let members through in the security group, or lower cluster.quorum; then launch the whole cluster again',
    },
  );
}
