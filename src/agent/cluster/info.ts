/** The cluster as the run's state tells of it. */

import type { MemberProgress } from '../../cluster/following/progress.ts';
import type { Membership } from '../../cluster/gathering/agreement.ts';
import type { Contact } from '../../cluster/leading/contact.ts';
import type { Leader } from '../../cluster/leading/leader.ts';
import type { Member } from '../../cluster/member.ts';
import type { Outcome } from '../../engine/engine.ts';
import type { ClusterInfo } from '../../run/cluster-info.ts';
import type { ClusterMember, MemberState } from '../../run/cluster-member.ts';
import type { ClusterSettings } from '../../settings/settings.ts';

type InfoOptions = Readonly<{
  id: string;
  settings: Pick<ClusterSettings, 'size' | 'quorum'>;
  self: string;
}>;

/** While members gather. `known`: in any order. `count`: of all that are there. */
export function gatheringInfo(
  { id, settings: { size, quorum }, self }: InfoOptions,
  known: readonly Member[],
  count: number,
): ClusterInfo {
  const members = known.map((member) => ({ ...facts(member), state: 'gathered' as const }));
  return { id, size, quorum, self, count, members };
}

/** `outcome`: of this member's own load; absent before its end. */
type OwnPart = Readonly<{
  stage: MemberProgress['stage'];
  outcome?: Outcome['kind'] | undefined;
  leader?: Leader | undefined;
  /** What was told of the members before. */
  known: readonly ClusterMember[];
}>;

/** Once they have agreed. `leader`: absent at the others, who know only of themselves. */
export function agreedInfo(
  options: InfoOptions,
  membership: Membership,
  { stage, outcome, leader, known }: OwnPart,
): ClusterInfo {
  const { id, settings, self } = options;
  const members = membership.members.map((member): ClusterMember => {
    const { instanceId } = member;
    const share = shareOf(membership, instanceId);
    const contact = leader?.contacts.find((one) => one.member.instanceId === instanceId);
    if (contact !== undefined && leader !== undefined)
      return {
        ...facts(member),
        share,
        ...contactFacts(contact, leader),
        ...clockOf(contact, known),
      };
    const state = instanceId === self ? stateOf(stage) : 'gathered';
    const ended = instanceId === self && outcome !== undefined ? { outcome } : {};
    return { ...facts(member), share, state, ...ended };
  });
  const { size, quorum } = settings;
  return { id, size, quorum, self, leader: membership.leader, members };
}

/** Which share of the load this member fires, 0 to 1: by its processors. */
export function shareOf({ members }: Membership, instanceId: string): number {
  const all = members.reduce((sum, { cpus }) => sum + cpus, 0);
  return (members.find((member) => member.instanceId === instanceId)?.cpus ?? 0) / all;
}

function facts({ instanceId, launchIndex, address, page, cpus }: Member) {
  return { instanceId, launchIndex, address, page, cpus };
}

function contactFacts(
  contact: Contact,
  leader: Leader,
): Pick<ClusterMember, 'state' | 'silentSince' | 'outcome'> {
  const { stage, outcome } = contact.progress() ?? {};
  const since = contact.hasAll() ? undefined : contact.silentSince();
  const state = leader.isLost(contact) && since !== undefined ? 'lost' : 'silent';
  return {
    state: since === undefined ? stateOf(stage) : state,
    ...(since === undefined ? {} : { silentSince: since.toISOString() }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** An offset that differs by less is the same: each change writes run.json. */
const sameOffsetMs = 5;

function clockOf(
  contact: Contact,
  known: readonly ClusterMember[],
): Pick<ClusterMember, 'clockOffsetMs'> {
  const { instanceId } = contact.member;
  const before = known.find((one) => one.instanceId === instanceId)?.clockOffsetMs;
  const offset = contact.clock()?.offsetMs ?? before;
  if (offset === undefined) return {};
  const isSame = before !== undefined && Math.abs(offset - before) <= sameOffsetMs;
  return { clockOffsetMs: isSame ? before : Math.round(offset) };
}

function stateOf(stage: MemberProgress['stage'] | undefined): MemberState {
  return stage === undefined || stage === 'preparing' ? 'gathered' : stage;
}
