/** What a load cannot share among members is told before it is fired. */

import { describe, expect, it } from 'vitest';
import type { LoadShare } from '../../../../../src/engine/engine.ts';
import { shareWarnings } from '../../../../../src/engine/tsung/share/warnings.ts';
import { shareScenario } from '../../../../support/share-scenario.ts';

async function warningsOf(
  parts: Parameters<typeof shareScenario>[0],
  share: LoadShare = { index: 2, weights: [8, 8, 8, 8] },
): Promise<readonly string[]> {
  const warnings = await shareWarnings(await shareScenario(parts), share);
  return warnings.map(({ code, message }) => `${code} ${message}`);
}

const arrivals = (attributes: string, users = 'arrivalrate="20"'): string =>
  `<load><arrivalphase phase="1" duration="10" ${attributes}><users ${users}/></arrivalphase></load>`;

describe('a load that is shared', () => {
  it('has no warning where all of it can be', async () => {
    expect(await warningsOf({})).toEqual([]);
  });

  it('may be too small for all members', async () => {
    const load = arrivals('', 'arrivalrate="20" maxnumber="2"');
    expect(await warningsOf({ load })).toEqual([
      'SHARE_NONE this member fires nobody: the load has 2 users for 4 members',
    ]);
    expect(await warningsOf({ load }, { index: 1, weights: [8, 8, 8, 8] })).toEqual([]);
  });

  it('has users that wait for each other on their own member', async () => {
    const session = '<thinktime value="wait_global"/><request><http url="/"/></request>';
    const options = '<option name="global_number" value="42"/>';
    expect(await warningsOf({ session, options })).toEqual([
      'SHARE_APART users that wait for each other wait only for those of this member: 10, of a global_number of 42',
    ]);
    const jabber = '<request><jabber type="presence:initial" ack="global"/></request>';
    expect(await warningsOf({ session: jabber, type: 'ts_jabber' })).toEqual([
      'SHARE_APART users that wait for each other wait only for those of this member: 25, of a global_number of 100',
    ]);
  });

  it.each([
    {
      what: 'interactions',
      parts: {
        session: '<interaction action="send" id="chat"/><request><http url="/"/></request>',
      },
      told: 'SHARE_APART interactions are measured within one member only: "chat"',
    },
    {
      what: 'phases that wait for users',
      parts: { load: arrivals('wait_all_sessions_end="true"') },
      told: 'SHARE_APART after phase 1 each member waits for its own users only, and begins the next phase by itself',
    },
    {
      what: 'users that abort the test',
      parts: { session: '<request><http url="/"/></request><abort type="all"/>' },
      told: 'SHARE_APART a user that aborts the test ends the load of its own member only',
    },
    {
      what: 'messages to whoever is online',
      parts: {
        session: '<request><jabber type="chat" ack="no_ack" dest="online"/></request>',
        type: 'ts_jabber',
      },
      told: 'SHARE_APART messages to dest="online" go to users of the same member',
    },
    {
      what: 'numbers of messages',
      parts: {
        session: '<request subst="true"><http url="/%%ts_msg_server:get_id%%"/></request>',
      },
      told: 'SHARE_REPEATED ts_msg_server:get_id counts from 1 on every member',
    },
    {
      what: 'too few users of XMPP',
      parts: {
        session: '<request><jabber type="connect" ack="no_ack"/></request>',
        options: '<option type="ts_jabber" name="userid_max" value="2"/>',
        type: 'ts_jabber',
      },
      told: 'SHARE_REPEATED userid_max is 2 for 4 members: this one logs in users that others log in, too',
    },
  ])('has $what of one member', async ({ parts, told }) => {
    expect(await warningsOf(parts)).toEqual([told]);
  });

  const options = '<option name="file_server" id="u" value="users.csv"/>';
  const session =
    '<setdynvars sourcetype="file" fileid="u" order="iter"><var name="v"/></setdynvars><request subst="true"><http url="/%%_v%%"/></request>';

  it.each([
    { text: 'a\nb\n\n\n', lines: '2 lines' },
    { text: 'a', lines: '1 line' },
    { text: '\n\n', lines: '0 lines' },
  ])('has a file with $lines for four', async ({ text, lines }) => {
    expect(await warningsOf({ options, session, files: { 'users.csv': text } })).toEqual([
      `SHARE_REPEATED "users.csv" has ${lines} for 4 members: this one takes lines that others take, too`,
    ]);
  });

  it.each(['a\nb\nc', '\n\nc\n', `${'x'.repeat(200_000)}\nb\nc`])(
    'has a file with a line for this member',
    async (text) => {
      expect(await warningsOf({ options, session, files: { 'users.csv': text } })).toEqual([]);
    },
  );
});
