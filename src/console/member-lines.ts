/** The members of a cluster in lines: who comes, who leads, and who does not answer. Pure. */

import type { ClusterInfo } from '../run/cluster-info.ts';
import type { ClusterMember } from '../run/cluster-member.ts';
import { ledCluster, partOf, partText } from '../run/cluster-part.ts';
import type { RunState } from '../run/state.ts';
import { counted } from '../text.ts';

type MemberLine = Readonly<{ name: string; text: string }>;

/** Of a larger cluster only the count is told, and the first that are in trouble. */
const mostNamed = 20;
const mostInTrouble = 3;

const troubles = ['lost', 'failed', 'silent'] as const;

/** In the order in which they become known. */
export function memberLines({ cluster, phase }: RunState): readonly MemberLine[] {
  if (cluster === undefined) return [];
  return [
    ...(cluster.size <= mostNamed ? cluster.members.map(cameLine) : []),
    ...(phase === 'gathering' && cluster.leader === undefined ? [hereLine(cluster)] : []),
    ...leaderLines(cluster),
    ...(phase === 'running' && ledCluster(cluster) !== undefined ? [answerLine(cluster)] : []),
  ];
}

function cameLine({ address, cpus, instanceId, launchIndex }: ClusterMember): MemberLine {
  const text = `member ${instanceId} is here: launch index ${launchIndex}, ${address}, ${counted(cpus, 'CPU')}`;
  return { name: `member ${instanceId}`, text };
}

function hereLine({ count = 0, members, size }: ClusterInfo): MemberLine {
  const here = Math.max(count, members.length);
  return {
    name: 'members',
    text: `${here} of ${counted(size, 'member')} ${here === 1 ? 'is' : 'are'} here`,
  };
}

function leaderLines(cluster: ClusterInfo): readonly MemberLine[] {
  const { leader, members, self, size } = cluster;
  if (leader === undefined) return [];
  const part = partOf(cluster);
  if (part !== undefined) {
    const page = part.page === undefined ? '' : `: ${part.page}`;
    const text = `this instance fires ${partText(part)}; the leader ${leader} has the whole run${page}`;
    return [{ name: 'leader', text }];
  }
  const all = members.length === size ? '' : ` of the ${size} that were expected`;
  const text = `this instance (${self}) leads ${counted(members.length, 'member')}${all}`;
  return [{ name: 'leader', text }];
}

function answerLine({ members }: ClusterInfo): MemberLine {
  const named = troubles.flatMap((state) =>
    members.filter((member) => member.state === state).map(troubleText),
  );
  const all = counted(members.length, 'member');
  if (named.length === 0) return { name: 'members', text: `all ${all} answer` };
  const answering = members.filter(({ state }) => state !== 'lost' && state !== 'silent').length;
  const rest = named.length - mostInTrouble;
  const who = [...named.slice(0, mostInTrouble), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  return { name: 'members', text: `${answering} of ${all} answer; ${who}` };
}

function troubleText({ instanceId, silentSince, state }: ClusterMember): string {
  if (state === 'failed') return `${instanceId} failed`;
  const since = silentSince === undefined ? '' : ` since ${silentSince.slice(11, 19)}Z`;
  if (state === 'silent') return `${instanceId} has been silent${since}`;
  return `${instanceId} is lost${since === '' ? '' : `, silent${since}`}`;
}
