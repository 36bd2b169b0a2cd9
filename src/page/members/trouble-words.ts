/** What is wrong with members of a cluster, in a sentence for the top of the page. Pure. */

import { clock, plural } from '../format.ts';
import type { MemberRow, Trouble } from './member-rows.ts';
import { byTrouble } from './member-rows.ts';
import { fullName } from './member-words.ts';

type TroubleWords = Readonly<{ title: string; text: string }>;

const mostNamed = 3;

/**
 * Those that do not answer, or else those that are slow. `ended`: whether the outcome of the run
 * is known, which tells of members that were lost.
 */
export function troubleWords(rows: readonly MemberRow[], ended: boolean): TroubleWords | undefined {
  const having = (...wanted: readonly Trouble[]): readonly MemberRow[] =>
    byTrouble(rows).filter(({ troubles }) => wanted.some((trouble) => troubles.includes(trouble)));
  const gone = ended ? [] : having('lost', 'failed', 'silent');
  if (gone.length > 0) return goneWords(gone, rows.length);
  const slow = having('slow');
  if (slow.length === 0) return undefined;
  const [fire, its] = slow.length === 1 ? ['fires', 'its'] : ['fire', 'their'];
  return {
    title: `${slow.length} of ${plural(rows.length, 'member')} ${ended ? 'fired' : fire} less than half of ${its} share.`,
    text: `${listed(slow.map(({ member }) => fullName(member)))}: the load was not split as planned.`,
  };
}

function goneWords(gone: readonly MemberRow[], all: number): TroubleWords {
  const [does, it] = gone.length === 1 ? ['does', 'it fires'] : ['do', 'they fire'];
  const failed = gone.filter(({ member }) => member.state === 'failed').length;
  const both = failed === 0 ? `${does} not answer` : 'failed or do not answer';
  return {
    title: `${gone.length} of ${plural(all, 'member')} ${failed === gone.length ? 'failed' : both}.`,
    text: `${listed(gone.map(goneText))}. What ${it} is missing in the figures of now.`,
  };
}

function goneText({ member }: MemberRow): string {
  const { silentSince, state } = member;
  const since = silentSince === undefined ? '' : ` since ${clock(Date.parse(silentSince))}`;
  if (state === 'failed') return `${fullName(member)} failed`;
  return state === 'lost'
    ? `${fullName(member)} is lost${since === '' ? '' : `, silent${since}`}`
    : `${fullName(member)} has been silent${since}`;
}

function listed(texts: readonly string[]): string {
  const rest = texts.length - mostNamed;
  return [...texts.slice(0, mostNamed), ...(rest > 0 ? [`${rest} more`] : [])].join('; ');
}
