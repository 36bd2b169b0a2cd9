/** What the report says of a member's share. */

import { describe, expect, it } from 'vitest';
import type { LoadShare } from '../../../../../src/engine/engine.ts';
import { shareChanges } from '../../../../../src/engine/tsung/share/changes.ts';
import { shareScenario } from '../../../../support/share-scenario.ts';

const second: LoadShare = { index: 1, weights: [4, 4, 4, 4] };

async function changesOf(
  parts: Parameters<typeof shareScenario>[0],
  share: LoadShare = second,
): Promise<readonly string[]> {
  return shareChanges(await shareScenario(parts), share).map(({ what }) => what);
}

const load =
  'this member fires 1/4 of the load: 50 of 200 users, at most 5 of 20 new users a second';

const fromFile = (order: string): string =>
  `<setdynvars sourcetype="file" fileid="u" ${order}><var name="v"/></setdynvars><request subst="true"><http url="/%%_v%%"/></request>`;

describe('a share', () => {
  it('is said in users and in new users a second, by CPUs', async () => {
    expect(await changesOf({})).toEqual([load]);
    expect(await changesOf({}, { index: 0, weights: [2, 4, 6] })).toEqual([
      'this member fires 1/6 of the load: 34 of 200 users, at most 3.33 of 20 new users a second',
    ]);
    const prepared = await shareScenario({});
    expect(shareChanges(prepared, second)[0]).toMatchObject({
      why: 'the 4 members of the cluster share it by their CPUs',
      where: 'tsung.xml:4',
    });
  });

  it('is said in users alone where each is started by itself', async () => {
    const users = [1, 2, 3].map((start) => `<user session="s" start_time="${start}"/>`).join('');
    expect(await changesOf({ load: `<load>${users}</load>` })).toEqual([
      'this member fires 1/4 of the load: 1 of 3 users',
    ]);
  });

  it('says nothing where one member is all', async () => {
    expect(await changesOf({}, { index: 0, weights: [4] })).toEqual([]);
  });

  it('says which lines of a file are taken, if they are taken in order', async () => {
    const options = '<option name="file_server" id="u" value="/home/me/users.csv"/>';
    const files = { 'users.csv': 'a\nb\n' };
    const lines =
      'of the lines of "/home/me/users.csv", users take 1/4 in their order: 2, 6, 10, …';
    const of = async (session: string): Promise<readonly string[]> =>
      (await changesOf({ options, files, session })).filter((what) => what !== load);
    expect(await of(fromFile('order="iter"'))).toEqual([lines]);
    expect(await of(fromFile(''))).toEqual([lines]);
    expect(await of(fromFile('order="random"'))).toEqual([]);
    const called =
      '<request subst="true"><http url="/%%ts_file_server:get_next_line%%"/></request>';
    expect(await of(called)).toEqual([lines]);
    expect(await of(`<!-- ts_file_server:get_next_line -->${fromFile('order="random"')}`)).toEqual(
      [],
    );
  });

  it('says how users are numbered, where the scenario uses it', async () => {
    const session = '<request subst="true"><http url="/%%_tsung_userid%%"/></request>';
    expect(await changesOf({ session })).toEqual([load, 'users are numbered 2, 6, 10, …']);
  });

  it('says which users of XMPP are logged in', async () => {
    const session = '<request><jabber type="connect" ack="no_ack"/></request>';
    const options = '<option type="ts_jabber" name="userid_max" value="7"/>';
    const type = 'ts_jabber';
    expect(await changesOf({ session, options, type })).toEqual([
      load,
      'users log in as 2 of 7 XMPP users: 2, 6, 10, …',
    ]);
    const named =
      '<request><jabber type="connect" ack="no_ack"><xmpp_authenticate username="u" passwd="p"/></jabber></request>';
    expect(await changesOf({ session: named, options, type })).toEqual([load]);
  });

  it('says that members do not share a seed', async () => {
    expect(await changesOf({ options: '<option name="seed" value="7"/>' })).toEqual([
      load,
      'the seed is made of "7" and of which member this is',
    ]);
  });
});
