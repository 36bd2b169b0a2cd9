/** Warns of what a load cannot share among the members of a cluster. */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../../errors.ts';
import { counted, formatInteger, quote } from '../../../text.ts';
import { type Deal, dealOf, ownCount } from '../../deal.ts';
import type { LoadShare } from '../../engine.ts';
import { someOf } from '../check/some-of.ts';
import { readLoad, sessionNamesOf } from '../scenario/load.ts';
import type { Prepared } from '../scenario/prepare.ts';
import { descendants, withAllBelow } from '../xml/tree.ts';
import { iteratedFiles, mentionAt, optionsOf, xmppIds } from './dealt.ts';

export async function shareWarnings(
  prepared: Prepared,
  share: LoadShare,
): Promise<readonly Problem[]> {
  const deal = dealOf(share);
  if (deal.cycle === 1) return [];
  return [
    ...noUserWarnings(prepared, share, deal),
    ...waitingWarnings(prepared, deal),
    ...interactionWarnings(prepared),
    ...phaseWarnings(prepared),
    ...abortWarnings(prepared),
    ...messageWarnings(prepared),
    ...(await fileWarnings(prepared, share, deal)),
    ...xmppWarnings(prepared, share, deal),
    ...counterWarnings(prepared),
  ];
}

function noUserWarnings({ root, where }: Prepared, share: LoadShare, deal: Deal): Problem[] {
  const load = root.children.find(({ name }) => name === 'load') ?? root;
  const names = sessionNamesOf(root);
  if (readLoad(load, names, deal).users > 0) return [];
  const { users } = readLoad(load, names);
  return [
    {
      code: 'SHARE_NONE',
      message: `this member fires nobody: the load has ${counted(users, 'user')} for ${share.weights.length} members`,
      hint: 'launch fewer instances for a load of this size',
      where: where(load.start),
    },
  ];
}

/** Tsung's own default of `global_number`. */
const waitingUsers = 100;

function waitingWarnings({ root, where }: Prepared, deal: Deal): Problem[] {
  const waits = withAllBelow(root).find(
    (element) =>
      element.attribute('ack') === 'global' ||
      (element.name === 'thinktime' && element.attribute('value') === 'wait_global'),
  );
  if (waits === undefined) return [];
  const option = optionsOf(root, 'global_number').at(-1);
  const all = Number(option?.attribute('value') ?? waitingUsers);
  const own = Math.max(1, ownCount(deal, all));
  return [
    {
      code: 'SHARE_APART',
      message: `users that wait for each other wait only for those of this member: ${formatInteger(own)}, of a global_number of ${formatInteger(all)}`,
      hint: 'members begin at the same time, but these users do not go on at the same moment everywhere: fire from one instance if they must',
      where: where(waits.start),
    },
  ];
}

function interactionWarnings({ root, where }: Prepared): Problem[] {
  const found = descendants(root, 'interaction');
  const [first] = found;
  if (first === undefined) return [];
  const ids = [...new Set(found.map((one) => one.attribute('id') ?? ''))];
  return [
    {
      code: 'SHARE_APART',
      message: `interactions are measured within one member only: ${someOf(
        ids.map((id) => quote(id)),
        ', ',
      )}`,
      hint: 'where the sender and the receiver are on two members, nothing is measured, or the time from the last sender on the receiver’s: fire from one instance for these times',
      where: where(first.start),
    },
  ];
}

/** As between the virtual machines of one Tsung. */
function phaseWarnings({ root, where }: Prepared): Problem[] {
  const waiting = descendants(root, 'arrivalphase').filter(
    (phase) => phase.attribute('wait_all_sessions_end') === 'true',
  );
  return waiting.map((phase) => ({
    code: 'SHARE_APART',
    message: `after phase ${phase.attribute('phase') ?? ''} each member waits for its own users only, and begins the next phase by itself`,
    hint: 'leave wait_all_sessions_end out if all must begin it at the same time',
    where: where(phase.start),
  }));
}

function abortWarnings({ root, where }: Prepared): Problem[] {
  const aborting = [
    ...descendants(root, 'abort').filter((one) => one.attribute('type') === 'all'),
    ...descendants(root, 'match').filter((one) => one.attribute('do') === 'abort_test'),
  ];
  return aborting.slice(0, 1).map((one) => ({
    code: 'SHARE_APART',
    message: 'a user that aborts the test ends the load of its own member only',
    hint: 'stop the run on its page to end all of it',
    where: where(one.start),
  }));
}

function messageWarnings({ root, where }: Prepared): Problem[] {
  const found = descendants(root, 'jabber').find((one) =>
    ['online', 'unique'].includes(one.attribute('dest') ?? ''),
  );
  if (found === undefined) return [];
  return [
    {
      code: 'SHARE_APART',
      message: `messages to dest="${found.attribute('dest') ?? ''}" go to users of the same member`,
      hint: 'each member knows its own users only; dest="random" takes any of userid_max',
      where: where(found.start),
    },
  ];
}

async function fileWarnings(
  prepared: Prepared,
  { weights }: LoadShare,
  deal: Deal,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { written, file, option } of iteratedFiles(prepared)) {
    const lines = await linesUpTo(join(prepared.scenario.dir, file), (deal.slots[0] ?? 0) + 1);
    if (lines === undefined) continue;
    problems.push({
      code: 'SHARE_REPEATED',
      message: `${quote(written)} has ${counted(lines, 'line')} for ${weights.length} members: this one takes lines that others take, too`,
      hint: `write at least ${counted(deal.cycle, 'line')}, so that each member has its own`,
      where: prepared.where(option.start),
    });
  }
  return problems;
}

/** How many lines the file has, if there are fewer; empty ones at the end are none. */
async function linesUpTo(path: string, enough: number): Promise<number | undefined> {
  let ended = 0;
  let lines = 0;
  for await (const chunk of createReadStream(path, 'latin1')) {
    for (const [at, part] of String(chunk).split('\n').entries()) {
      if (at > 0) ended += 1;
      if (part !== '') lines = ended + 1;
      if (lines >= enough) return undefined;
    }
  }
  return lines;
}

function xmppWarnings(prepared: Prepared, { weights }: LoadShare, deal: Deal): Problem[] {
  const known = xmppIds(prepared);
  if (known === undefined || ownCount(deal, known.ids) > 0) return [];
  return [
    {
      code: 'SHARE_REPEATED',
      message: `userid_max is ${known.ids} for ${weights.length} members: this one logs in users that others log in, too`,
      hint: `raise userid_max to at least ${deal.cycle}, so that each member has its own`,
      where: prepared.where(known.element.start),
    },
  ];
}

function counterWarnings({ text, where }: Prepared): Problem[] {
  const at = mentionAt(text, /ts_msg_server:get_id/);
  if (at === undefined) return [];
  return [
    {
      code: 'SHARE_REPEATED',
      message: 'ts_msg_server:get_id counts from 1 on every member',
      hint: 'use %%_tsung_userid%%, which is unique in the whole load',
      where: where(at),
    },
  ];
}
