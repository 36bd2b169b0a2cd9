/** The members of a cluster with what each fired and what is wrong with it. Pure. */

import type { Summary } from '../../report/summary.ts';
import type { MemberStats } from '../../results/measurements.ts';
import type { ClusterInfo } from '../../run/cluster-info.ts';
import type { ClusterMember } from '../../run/cluster-member.ts';
import { slowMembers } from './slow.ts';

/** The worst first. */
const troubles = ['lost', 'failed', 'silent', 'suspect', 'slow', 'strained', 'clock'] as const;

export type Trouble = (typeof troubles)[number];

export type MemberRow = Readonly<{
  member: ClusterMember;
  stats: MemberStats | undefined;
  /** While the load runs that of its latest second, afterwards the mean of the whole run. */
  perSecond: number | undefined;
  /** In its latest second; unknown of a member that does not answer. */
  users: number | undefined;
  isLeader: boolean;
  isSelf: boolean;
  troubles: readonly Trouble[];
}>;

/** A clock that is off by more shows in times of day; none distorts a duration. */
const worstClockMs = 50;

/** In the rank of the members. */
export function memberRows(
  { leader, members, self }: ClusterInfo,
  summary: Summary | undefined,
): readonly MemberRow[] {
  const stats = new Map((summary?.members ?? []).map((each) => [each.instanceId, each]));
  const slow = slowMembers(members, summary);
  return members.map((member) => {
    const { instanceId } = member;
    const its = stats.get(instanceId);
    return {
      member,
      stats: its,
      perSecond: perSecondOf(member, its, summary),
      users: member.state === 'running' ? its?.users : undefined,
      isLeader: instanceId === leader,
      isSelf: instanceId === self,
      troubles: troublesOf(member, its, slow),
    };
  });
}

/** Those that are in trouble first, the worst of them at the top. */
export function byTrouble(rows: readonly MemberRow[]): readonly MemberRow[] {
  const weight = ({ troubles: [worst] }: MemberRow): number =>
    worst === undefined ? troubles.length : troubles.indexOf(worst);
  return rows.toSorted((a, b) => weight(a) - weight(b));
}

/** Those whose id, address, launch index or state contain the text. */
export function matching(rows: readonly MemberRow[], filter: string): readonly MemberRow[] {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return rows;
  return rows.filter(({ isLeader, member, stats, troubles: its }) =>
    [
      member.instanceId,
      member.address,
      member.state,
      stats?.generator.verdict ?? '',
      isLeader ? 'leader' : '',
      ...its,
    ].some((text) => text.includes(wanted) || String(member.launchIndex) === wanted),
  );
}

/** The members' parts add up to the rate of the whole. */
function perSecondOf(
  { state }: ClusterMember,
  stats: MemberStats | undefined,
  summary: Summary | undefined,
): number | undefined {
  if (stats === undefined || summary === undefined) return undefined;
  const { final, totals } = summary;
  if (!final) return state === 'running' ? stats.perSecond : undefined;
  return totals.requests === 0 ? 0 : (totals.perSecond * stats.requests) / totals.requests;
}

function troublesOf(
  { clockOffsetMs = 0, instanceId, state }: ClusterMember,
  stats: MemberStats | undefined,
  slow: ReadonlySet<string>,
): readonly Trouble[] {
  const verdict = stats?.generator.verdict;
  const found: Readonly<Record<Trouble, boolean>> = {
    lost: state === 'lost',
    failed: state === 'failed',
    silent: state === 'silent',
    suspect: verdict === 'suspect',
    slow: slow.has(instanceId),
    strained: verdict === 'strained',
    clock: Math.abs(clockOffsetMs) > worstClockMs,
  };
  return troubles.filter((trouble) => found[trouble]);
}
