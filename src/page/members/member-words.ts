/** A member of a cluster in words. Pure. */

import type { ClusterMember, MemberState } from '../../run/cluster-member.ts';
import { sentenceCase } from '../../text.ts';
import { latency, share } from '../format.ts';
import type { MemberRow } from './member-rows.ts';

type Tone = 'pass' | 'fail' | 'warn' | 'busy' | 'calm';

const tones: Record<MemberState, Tone> = {
  gathered: 'pass',
  ready: 'pass',
  running: 'busy',
  ended: 'calm',
  failed: 'fail',
  silent: 'warn',
  lost: 'fail',
};

export function toneOf({ outcome, state }: ClusterMember): Tone {
  if (state !== 'ended') return tones[state];
  return outcome === 'interrupted' || outcome === 'failed' ? 'warn' : 'calm';
}

/** `Running`, `Silent`, `Stopped`: where a load has ended, how. */
export function stateWord({ outcome, state }: ClusterMember): string {
  if (state === 'gathered') return 'Here';
  if (state !== 'ended' || outcome === undefined) return sentenceCase(state);
  return outcome === 'complete' ? 'Ended' : sentenceCase(outcome);
}

/** What else there is to say of it, beside its state. */
export function notesOf({ member, stats, troubles }: MemberRow, final: boolean): readonly string[] {
  const { clockOffsetMs = 0 } = member;
  const notes: string[] = [];
  if (troubles.includes('slow'))
    notes.push(`${final ? 'fired' : 'fires'} less than half of its share`);
  if (troubles.includes('suspect') || troubles.includes('strained'))
    notes.push(...(stats?.generator.reasons ?? []));
  if (troubles.includes('clock'))
    notes.push(
      `its clock is ${latency(Math.abs(clockOffsetMs))} ${clockOffsetMs > 0 ? 'ahead' : 'behind'}`,
    );
  return notes;
}

/** `i-0abc (launch index 2, 25 % of the load)` */
export function fullName({ instanceId, launchIndex, share: its }: ClusterMember): string {
  const part = its === undefined ? '' : `, ${share(its)} of the load`;
  return `${instanceId} (launch index ${launchIndex}${part})`;
}

/** The URL of a member's page; a member may say anything of itself. */
export function pageOf({ page }: Readonly<{ page?: string }>): string | undefined {
  return page !== undefined && /^https?:\/\//.test(page) ? page : undefined;
}
