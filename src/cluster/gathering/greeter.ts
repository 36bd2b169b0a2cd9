/**
 * Asks those who were introduced, so that they count. A member that may lead asks all; the others
 * ask only those who may lead in their place: a handshake of each with each would take minutes in a
 * large cluster.
 */

import { OnagerError, type Problem } from '../../errors.ts';
import { byRank, type Introduced, type Member } from '../member.ts';
import type { MemberStatus } from './member-routes.ts';
import type { GatherOptions } from './options.ts';
import { statusOf } from './questions.ts';

export type Greeter = Readonly<{
  /** Asks whom it is time to ask, and waits for nobody. */
  look(leader: Member, nowMs: number): void;
  /** Why this member cannot belong to the cluster. */
  refusal(): OnagerError | undefined;
  /** Those who answered that they will not fire, and why. */
  failed(): ReadonlyMap<string, Problem>;
}>;

/** After so many steps a member that leads asks again who is known already. */
const recheckSteps = 10;

/** Questions at a time. */
const atOnce = { leading: 16, following: 2 };

/** After how many failures in a row the pause before the next attempt stays the same. */
const maxPauses = 5;

type Tries = Readonly<{ count: number; nextMs: number }>;

export function createGreeter(
  { self, roster, ask, pace }: Pick<GatherOptions, 'self' | 'roster' | 'ask' | 'pace'>,
  signal: AbortSignal,
): Greeter {
  const attempts = new Map<string, Tries>();
  const asking = new Set<string>();
  const answered = new Map<string, Readonly<{ lastMs: number; nextMs: number }>>();
  const failed = new Map<string, Problem>();
  const asker = { ask, from: self.instanceId, silentMs: pace.silentMs };
  let refusal: OnagerError | undefined;
  const countOf = ({ instanceId }: Introduced): number => attempts.get(instanceId)?.count ?? 0;

  async function greet(who: Introduced): Promise<void> {
    asking.add(who.instanceId);
    const status = await statusOf(asker, who, signal);
    asking.delete(who.instanceId);
    if (status instanceof OnagerError) refusal ??= status;
    else if (status?.member.instanceId === who.instanceId) count(status);
    roster.wake();
  }

  function count({ member, failed: why }: MemberStatus): void {
    if (why === undefined) {
      failed.delete(member.instanceId);
      roster.add(member);
    } else {
      failed.set(member.instanceId, why);
    }
  }

  /** A member that has gone, or will not fire, is not counted any more. */
  async function askAgain(member: Member, nowMs: number, lastMs: number): Promise<void> {
    asking.add(member.instanceId);
    const status = await statusOf(asker, member, signal);
    asking.delete(member.instanceId);
    if (status instanceof OnagerError) refusal ??= status;
    const isThere = status !== undefined && !(status instanceof OnagerError);
    if (isThere && status.failed !== undefined) failed.set(member.instanceId, status.failed);
    const isGone = !isThere && nowMs - lastMs >= pace.lostMs;
    if (isGone || failed.has(member.instanceId)) roster.remove(member.instanceId);
    else if (isThere) remember(member, nowMs, nowMs);
    roster.wake();
  }

  function remember({ instanceId }: Introduced, nowMs: number, lastMs: number): void {
    answered.set(instanceId, { lastMs, nextMs: nowMs + recheckSteps * pace.everyMs });
  }

  function lookAgain(nowMs: number): void {
    for (const member of roster.others()) {
      const { instanceId } = member;
      const known = answered.get(instanceId);
      if (known === undefined) remember(member, nowMs, nowMs);
      if (known === undefined || known.nextMs > nowMs || asking.has(instanceId)) continue;
      if (asking.size >= atOnce.leading) return;
      remember(member, nowMs, known.lastMs);
      void askAgain(member, nowMs, known.lastMs);
    }
  }

  return {
    look(leader, nowMs) {
      const waiting = roster.introduced().filter(({ instanceId }) => !asking.has(instanceId));
      const lower = waiting.filter((who) => byRank(who, leader) < 0);
      const leads = leader.instanceId === self.instanceId;
      const asksAll = leads && lower.every((who) => countOf(who) > 0);
      const free = (asksAll ? atOnce.leading : atOnce.following) - asking.size;
      const due = (asksAll ? waiting : lower)
        .filter(({ instanceId }) => (attempts.get(instanceId)?.nextMs ?? 0) <= nowMs)
        .toSorted((a, b) => countOf(a) - countOf(b) || byRank(a, b));
      for (const who of due.slice(0, Math.max(0, free))) {
        const count = countOf(who) + 1;
        const nextMs = nowMs + pace.everyMs * Math.min(count, maxPauses);
        attempts.set(who.instanceId, { count, nextMs });
        void greet(who);
      }
      if (leads) lookAgain(nowMs);
    },
    refusal: () => refusal,
    failed: () => failed,
  };
}
