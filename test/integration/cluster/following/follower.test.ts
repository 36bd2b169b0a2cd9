/** What a member does about a leader that asks no more. */

import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createFollower, type Follower } from '../../../../src/cluster/following/follower.ts';
import type { OnagerError } from '../../../../src/errors.ts';
import { memberAt } from '../../../support/cluster-members.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const leader = memberAt({ dir: '', index: 0, port: 1, size: 2 });

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('follower');
});

type Follows = Readonly<{ follower: Follower; interruptions: OnagerError[] }>;

async function follows(): Promise<Follows> {
  const interruptions: OnagerError[] = [];
  const follower = await createFollower({
    leader,
    files: { list: async () => [], read: async () => undefined },
    startPath: join(dir, 'start.json'),
    donePath: join(dir, 'done.json'),
    progress: () => ({ stage: 'running' }),
    onStop: () => {},
    onInterrupt: (reason) => interruptions.push(reason),
    pace: { everyMs: 10, lostMs: 50 },
  });
  return { follower, interruptions };
}

const never = new AbortController().signal;

describe('a member', () => {
  it('ends its load without the leader, and is not waited for', async () => {
    const { follower, interruptions } = await follows();
    await follower.watch(never);
    expect(interruptions.map(({ code }) => code)).toEqual(['CLUSTER_LEADER_LOST']);
    expect(await follower.untilDone(never)).toBe('lost');
    await expect(follower.start(never)).rejects.toMatchObject({
      code: 'CLUSTER_LEADER_LOST',
      hint: expect.stringContaining('nothing has been fired here'),
    });
  });

  it('says that it ends its part of the load, if there was a start', async () => {
    const { follower, interruptions } = await follows();
    await follower.followed.start({ atMs: 1 });
    await follower.watch(never);
    expect(interruptions[0]?.hint).toContain('this member ends its part of the load');
    expect(await follower.start(never)).toEqual({ atMs: 1 });
  });

  it('misses no leader that has everything', async () => {
    const { follower, interruptions } = await follows();
    await follower.followed.done();
    await follower.watch(never);
    expect(interruptions).toEqual([]);
    expect(await follower.untilDone(never)).toBe('done');
    expect(follower.isLeaderLost()).toBe(false);
  });

  it('nor after its agent was restarted', async () => {
    const before = await follows();
    await before.follower.followed.done();
    const { follower, interruptions } = await follows();
    await follower.watch(never);
    expect(interruptions).toEqual([]);
  });
});
