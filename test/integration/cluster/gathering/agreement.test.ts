/** Whatever breaks while members agree, no load is fired twice, and each member says why not. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type AskMember, createAskMember } from '../../../../src/cluster/channel/ask-member.ts';
import { createMembersPort } from '../../../../src/cluster/channel/members-port.ts';
import { isThere } from '../../../../src/files/files.ts';
import { orAborted } from '../../../../src/retry.ts';
import {
  freeMembersPort,
  type GatheringMember,
  loopbackSubnet,
  type MemberOptions,
  memberAt,
  ownKey,
  startMember,
} from '../../../support/cluster-members.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

let dir = '';
let port = 0;
beforeEach(async () => {
  dir = await temporaryFolder('agreement');
  port = await freeMembersPort();
});

type Given = Omit<MemberOptions, 'dir' | 'port'>;
const { signal } = new AbortController();

async function start(options: Given): Promise<GatheringMember> {
  const member = await startMember({ dir, port, ...options });
  onTestFinished(async () => await member[Symbol.asyncDispose]());
  return member;
}

function introduceAll(members: readonly GatheringMember[]): void {
  for (const member of members) member.meets(...members);
}

/** The code with which a member gives up, or the instances of its membership. */
async function endOf({ agreed }: GatheringMember): Promise<unknown> {
  return await agreed.then(
    ({ members }) => members.map(({ instanceId }) => instanceId).join(),
    (error: { code?: unknown }) => error.code,
  );
}

async function endsOf(...members: readonly GatheringMember[]): Promise<readonly unknown[]> {
  return await Promise.all(members.map(endOf));
}

async function untilAborted(stop: AbortSignal): Promise<never> {
  return await orAborted(new Promise<never>(() => {}), stop);
}

/**
 * A member dies, as by a kill, before its `count`-th question to this path is sent, or once it is
 * answered.
 */
function dyingAt(path: string, { count, once }: { count: number; once: 'sent' | 'answered' }) {
  const { promise: isDead, resolve: die } = Promise.withResolvers<void>();
  let asked = 0;
  const through =
    (ask: AskMember['ask']): AskMember['ask'] =>
    async (to, question, stop) => {
      if (question.path !== path) return await ask(to, question, stop);
      asked += 1;
      // Those that were asked at the same time never leave.
      if (asked > count) return await untilAborted(stop);
      const isLast = asked === count;
      if (!(isLast && once === 'sent')) {
        const answer = await ask(to, question, stop);
        if (!isLast) return answer;
      }
      die();
      return await untilAborted(stop);
    };
  return { through, isDead };
}

describe('a leader that is lost', () => {
  it('after the first vote for it leaves nobody who fires', async () => {
    const { through, isDead } = dyingAt('/vote', { count: 1, once: 'answered' });
    const size = { size: 3 };
    const members = [
      await start({ index: 0, ...size, through }),
      await start({ index: 1, ...size }),
    ];
    const last = await start({ index: 2, ...size });
    introduceAll([...members, last]);
    await isDead;
    await members[0]?.[Symbol.asyncDispose]();
    expect(await endsOf(...members.slice(1), last)).toEqual([
      'CLUSTER_LEADER_LOST',
      'CLUSTER_LEADER_LOST',
    ]);
  });

  it('after the first vote for it, and comes back, leads', async () => {
    const { through, isDead } = dyingAt('/vote', { count: 1, once: 'answered' });
    const size = { size: 3, lostMs: 60_000 };
    const first = await start({ index: 0, ...size, through });
    const others = [await start({ index: 1, ...size }), await start({ index: 2, ...size })];
    introduceAll([first, ...others]);
    await isDead;
    await first[Symbol.asyncDispose]();
    const again = await start({ index: 0, ...size });
    introduceAll([again, ...others]);
    expect(new Set(await endsOf(again, ...others))).toEqual(new Set(['i-0,i-1,i-2']));
  });

  it('with the membership written, and comes back, tells that membership', async () => {
    const { through, isDead } = dyingAt('/membership', { count: 1, once: 'sent' });
    const first = await start({ index: 0, size: 3, lostMs: 60_000, through });
    const others = [
      await start({ index: 1, size: 3, lostMs: 60_000 }),
      await start({ index: 2, size: 3, lostMs: 60_000 }),
    ];
    introduceAll([first, ...others]);
    await isDead;
    const written = JSON.parse(await readFile(first.membershipPath, 'utf8'));
    await first[Symbol.asyncDispose]();
    const again = await start({ index: 0, size: 3, lostMs: 60_000 });
    for (const member of [again, ...others]) expect(await member.agreed).toEqual(written);
  });

  it('with one of two told, and comes back, tells the other, and the first once more', async () => {
    const { through, isDead } = dyingAt('/membership', { count: 1, once: 'answered' });
    const first = await start({ index: 0, size: 3, lostMs: 60_000, through });
    const others = [
      await start({ index: 1, size: 3, lostMs: 60_000 }),
      await start({ index: 2, size: 3, lostMs: 60_000 }),
    ];
    introduceAll([first, ...others]);
    await isDead;
    await first[Symbol.asyncDispose]();
    const told = await Promise.race(others.map(async ({ agreed }) => await agreed));
    const again = await start({ index: 0, size: 3, lostMs: 60_000 });
    for (const member of [again, ...others]) expect(await member.agreed).toEqual(told);
  });

  it('with one of two told, and stays away, is missed by the other', async () => {
    const { through, isDead } = dyingAt('/membership', { count: 1, once: 'answered' });
    const first = await start({ index: 0, size: 3, through });
    const others = [await start({ index: 1, size: 3 }), await start({ index: 2, size: 3 })];
    introduceAll([first, ...others]);
    await isDead;
    await first[Symbol.asyncDispose]();
    expect((await endsOf(...others)).toSorted()).toEqual(['CLUSTER_LEADER_LOST', 'i-0,i-1,i-2']);
  });
});

describe('a member', () => {
  it('that is restarted after its vote belongs to the run', async () => {
    const { through, isDead } = dyingAt('/vote', { count: 1, once: 'answered' });
    const first = await start({ index: 0, size: 3, lostMs: 60_000, through });
    const others = [
      await start({ index: 1, size: 3, lostMs: 60_000 }),
      await start({ index: 2, size: 3, lostMs: 60_000 }),
    ];
    introduceAll([first, ...others]);
    await isDead;
    // Its leader too, so that the membership cannot come before the member is back.
    await first[Symbol.asyncDispose]();
    const voted = others.find(({ votePath }) => isThere(votePath));
    await voted?.[Symbol.asyncDispose]();
    const index = voted?.self.launchIndex ?? Number.NaN;
    const back = [
      await start({ index, size: 3, lostMs: 60_000 }),
      await start({ index: 0, size: 3, lostMs: 60_000 }),
    ];
    const all = [...back, ...others.filter((other) => other !== voted)];
    introduceAll(all);
    expect(new Set(await endsOf(...all))).toEqual(new Set(['i-0,i-1,i-2']));
  });

  it('that is stopped once it has voted, and continues, belongs to the run', async () => {
    const options = { size: 2, lostMs: 60_000, silentMs: 300 };
    const child = fork(
      join(import.meta.dirname, '../../../support/member-process.ts'),
      [JSON.stringify({ dir, port, size: 2, index: 1 }), '[0]'],
      { env: { ...process.env, LOOPBACK_SUBNET: loopbackSubnet } },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const told = once(child, 'message');
    let tries = 0;
    const through =
      (ask: AskMember['ask']): AskMember['ask'] =>
      async (to, question, stop) => {
        if (question.path !== '/membership') return await ask(to, question, stop);
        tries += 1;
        if (tries === 1) child.kill('SIGSTOP');
        // The questions until then have had no answer.
        if (tries === 3) child.kill('SIGCONT');
        return await ask(to, question, stop);
      };
    const first = await start({ index: 0, ...options, through });
    first.meets({ self: memberAt({ dir, port, index: 1, size: 2 }) });
    const agreed = await first.agreed;
    expect(tries).toBeGreaterThanOrEqual(3);
    const [text] = await told;
    expect(JSON.parse(text)).toEqual(agreed);
  });

  it.each([{ late: 0 }, { late: 2 }])(
    'that comes too late is told so (index $late)',
    async ({ late }) => {
      // Long enough for two of them to meet on a busy machine.
      const size = { size: 3, quorum: 2, timeoutMs: 3_000 };
      const early = [0, 1, 2].filter((index) => index !== late);
      const members = await Promise.all(early.map((index) => start({ index, ...size })));
      introduceAll(members);
      const [agreed] = await Promise.all(members.map((member) => member.agreed));
      const last = await start({ index: late, ...size });
      introduceAll([last, ...members]);
      await expect(last.agreed).rejects.toMatchObject({
        code: 'CLUSTER_TOO_LATE',
        message: expect.stringContaining(agreed?.runId ?? 'no run'),
      });
      expect(isThere(last.membershipPath)).toBe(false);
    },
  );

  it('that is one more than the settings say is told that it is too late', async () => {
    const members = await Promise.all([0, 1, 2, 3].map((index) => start({ index, size: 3 })));
    introduceAll(members);
    const ends = await endsOf(...members);
    const [membership] = ends;
    expect(String(membership).split(',')).toHaveLength(3);
    expect(ends.toSorted()).toEqual(['CLUSTER_TOO_LATE', membership, membership, membership]);
  });

  it('that comes after the others have given up does not fire alone', async () => {
    const size = { size: 3, timeoutMs: 200 };
    const members = [await start({ index: 1, ...size }), await start({ index: 2, ...size })];
    introduceAll(members);
    expect(await endsOf(...members)).toEqual(['CLUSTER_INCOMPLETE', 'CLUSTER_INCOMPLETE']);
    const first = await start({ index: 0, ...size, timeoutMs: 60_000 });
    introduceAll([first, ...members]);
    await expect(first.agreed).rejects.toThrow('2 of 3 members came in 0 s');
  });

  it('that has voted for one that is gone votes for no other, restarted or not', async () => {
    const { through, isDead } = dyingAt('/vote', { count: 1, once: 'answered' });
    const size = { size: 3, quorum: 2, timeoutMs: 500 };
    const gone = await start({ index: 0, ...size, through });
    const members = [await start({ index: 1, ...size }), await start({ index: 2, ...size })];
    introduceAll([gone, ...members]);
    await isDead;
    await gone[Symbol.asyncDispose]();
    const voted = members.find(({ votePath }) => isThere(votePath)) ?? gone;
    await voted[Symbol.asyncDispose]();
    const { launchIndex: index } = voted.self;
    const again = await start({ index, ...size });
    const all = [...members.filter((one) => one !== voted), again];
    introduceAll(all);
    await expect(again.agreed).rejects.toMatchObject({
      code: expect.stringMatching(/CLUSTER_(INCOMPLETE|LEADER_LOST)/),
    });
    expect(all.map(({ membershipPath }) => isThere(membershipPath))).toEqual([false, false]);
  });
});

describe('members that cannot be members', () => {
  it('of two launches of one scenario keep to their own', async () => {
    const key = { name: 'derived', key: Buffer.alloc(32, 5) };
    const ours = [await start({ index: 0, size: 2 }), await start({ index: 2, size: 2 })];
    const theirs = [
      await start({ index: 1, size: 2, key }),
      await start({ index: 3, size: 2, key }),
    ];
    introduceAll([...ours, ...theirs]);
    expect(await endsOf(...ours, ...theirs)).toEqual(['i-0,i-2', 'i-0,i-2', 'i-1,i-3', 'i-1,i-3']);
  });

  it('are not there, or are another one than a datagram says: they do not count', async () => {
    const members = [await start({ index: 1, size: 3 }), await start({ index: 2, size: 3 })];
    const [first] = members;
    introduceAll(members);
    const gone = memberAt({ dir, port, index: 0, size: 3 });
    const false9 = { ...gone, instanceId: 'i-9', address: first?.self.address ?? '' };
    for (const member of members) member.meets({ self: gone }, { self: false9 });
    const last = await start({ index: 3, size: 3 });
    introduceAll([last, ...members]);
    expect(new Set(await endsOf(last, ...members))).toEqual(new Set(['i-1,i-2,i-3']));
  });

  it('answer in a form that this version cannot read: they are named', async () => {
    const other = memberAt({ dir, port, index: 1, size: 2 });
    const { server } = createMembersPort(() => [ownKey]);
    server.get('/member', () => ({ v: 2 }));
    await server.listen({ host: other.address, port });
    onTestFinished(async () => await server.close());
    const member = await start({ index: 0, size: 2 });
    member.meets({ self: other });
    await expect(member.agreed).rejects.toMatchObject({
      code: 'CLUSTER_MIXED',
      message: expect.stringContaining(`i-1 at ${other.address}`),
    });
  });

  it('get no vote for a leader that is not the first, and no second vote', async () => {
    const members = [await start({ index: 0, size: 3 }), await start({ index: 1, size: 3 })];
    introduceAll(members);
    await expect.poll(() => members[1]?.knows()).toEqual(['i-0']);
    expect(await votesFor(1)).toEqual({ granted: false, lower: members[0]?.self });
    expect(await votesFor(0)).toEqual({ granted: true });
    expect(await votesFor(2)).toEqual({ granted: false, votedFor: 'i-0' });
  });
});

/** What i-1 answers to this candidate. */
async function votesFor(index: number): Promise<unknown> {
  using asker = createAskMember(ownKey);
  const leader = memberAt({ dir, port, index, size: 3 });
  const question = { method: 'POST', path: '/vote', body: { leader } } as const;
  const to = memberAt({ dir, port, index: 1, size: 3 });
  return JSON.parse((await asker.ask(to, question, signal)).bytes.toString());
}
