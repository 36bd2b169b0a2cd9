/** What a member of a cluster fires of a scenario's load, in words. */

import { counted, formatInteger, quote } from '../../../text.ts';
import { commonDivisor, type Deal, dealOf, ownCount } from '../../deal.ts';
import type { Change, LoadShare } from '../../engine.ts';
import { readLoad, sessionNamesOf } from '../scenario/load.ts';
import type { Prepared } from '../scenario/prepare.ts';
import { iteratedFiles, mentionAt, optionsOf, xmppIds } from './dealt.ts';

export function shareChanges(prepared: Prepared, share: LoadShare): readonly Change[] {
  const deal = dealOf(share);
  if (deal.cycle === 1) return [];
  return [
    loadChange(prepared, share, deal),
    ...fileChanges(prepared, deal),
    ...numberChanges(prepared, deal),
    ...xmppChanges(prepared, deal),
    ...seedChanges(prepared),
  ];
}

function loadChange({ root, where }: Prepared, { weights }: LoadShare, deal: Deal): Change {
  const load = root.children.find(({ name }) => name === 'load') ?? root;
  const names = sessionNamesOf(root);
  const [own, whole] = [readLoad(load, names, deal), readLoad(load, names)];
  const [ownPeak, peak] = [own, whole].map(({ phases }) =>
    Math.max(0, ...phases.map(({ arrivalRate = 0 }) => arrivalRate)),
  );
  const rate =
    peak === 0 ? '' : `, at most ${inWords(ownPeak)} of ${inWords(peak)} new users a second`;
  const users = `${formatInteger(own.users)} of ${counted(whole.users, 'user')}`;
  return {
    what: `this member fires ${fraction(deal)} of the load: ${users}${rate}`,
    why: `the ${weights.length} members of the cluster share it by their CPUs`,
    where: where(load.start),
  };
}

function fileChanges(prepared: Prepared, deal: Deal): readonly Change[] {
  return iteratedFiles(prepared).map(({ written, option }) => ({
    what: `of the lines of ${quote(written)}, users take ${fraction(deal)} in their order: ${ownNumbers(deal)}`,
    why: 'no line is taken by two members',
    where: prepared.where(option.start),
  }));
}

/** What users of all members are numbered by, where the scenario uses it. */
function numberChanges({ text, where }: Prepared, deal: Deal): readonly Change[] {
  const at = mentionAt(text, /tsung_userid|ts_user_server:get_(?:really_)?unique_id/);
  if (at === undefined) return [];
  return [
    {
      what: `users are numbered ${ownNumbers(deal)}`,
      why: 'tsung_userid is unique in the whole load',
      where: where(at),
    },
  ];
}

function xmppChanges(prepared: Prepared, deal: Deal): readonly Change[] {
  const known = xmppIds(prepared);
  if (known === undefined) return [];
  const own = ownCount(deal, known.ids);
  if (own === 0) return [];
  return [
    {
      what: `users log in as ${formatInteger(own)} of ${counted(known.ids, 'XMPP user')}: ${ownNumbers(deal)}`,
      why: 'no XMPP user is logged in by two members',
      where: prepared.where(known.element.start),
    },
  ];
}

function seedChanges({ root, where }: Prepared): readonly Change[] {
  return optionsOf(root, 'seed').map((option) => ({
    what: `the seed is made of ${quote(option.attribute('value') ?? '')} and of which member this is`,
    why: 'with the same one, all members would do the same at the same time',
    where: where(option.start),
  }));
}

/** Such as `1/4`. */
function fraction({ cycle, slots }: Deal): string {
  const divisor = commonDivisor(cycle, slots.length);
  return `${slots.length / divisor}/${cycle / divisor}`;
}

/** Such as `1, 5, 9, …`. */
function ownNumbers({ cycle, slots }: Deal): string {
  const numbers = [0, 1, 2].map(
    (at) => Math.floor(at / slots.length) * cycle + (slots[at % slots.length] ?? 0) + 1,
  );
  return `${numbers.map(formatInteger).join(', ')}, …`;
}

function inWords(rate = 0): string {
  return `${Number(rate.toPrecision(3))}`;
}
