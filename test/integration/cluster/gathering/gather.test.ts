/** Members agree on one leader and one membership, or nobody fires. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Membership } from '../../../../src/cluster/gathering/agreement.ts';
import {
  freeMembersPort,
  type GatheringMember,
  type MemberOptions,
  startMember,
} from '../../../support/cluster-members.ts';
import { createRandom, seed } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

let dir = '';
let port = 0;
beforeEach(async () => {
  dir = await temporaryFolder('gather');
  port = await freeMembersPort();
});

type Given = Pick<MemberOptions, 'index' | 'size'> &
  Partial<Pick<MemberOptions, 'quorum' | 'timeoutMs' | 'engine'>>;

async function start(options: Given): Promise<GatheringMember> {
  const member = await startMember({ dir, port, ...options });
  onTestFinished(async () => await member[Symbol.asyncDispose]());
  return member;
}

async function startAll(indexes: readonly number[], options: Omit<Given, 'index'>) {
  return await Promise.all(indexes.map((index) => start({ index, ...options })));
}

/** Each knows each. */
function introduceAll(members: readonly GatheringMember[]): void {
  for (const member of members) member.meets(...members);
}

async function codesOf(members: readonly GatheringMember[]): Promise<readonly unknown[]> {
  const ends = await Promise.allSettled(members.map(({ agreed }) => agreed));
  return ends.map((end) => (end.status === 'rejected' ? end.reason.code : end.value.leader));
}

describe('members of a cluster', () => {
  it('agree on the first of them, and on who belongs to the run', async () => {
    const members = await startAll([2, 0, 1], { size: 3 });
    introduceAll(members);
    const [first, ...others] = await Promise.all(members.map(({ agreed }) => agreed));
    expect(first).toMatchObject({ leader: 'i-0', runId: 'run-0' });
    expect(first?.members.map(({ instanceId }) => instanceId)).toEqual(['i-0', 'i-1', 'i-2']);
    for (const other of others) expect(other).toEqual(first);
  });

  it('agree though only the last to come has met the others', async () => {
    const members = await startAll([0, 1, 2], { size: 4 });
    const last = await start({ index: 3, size: 4 });
    last.meets(...members);
    for (const member of members) member.meets(last);
    expect(new Set(await codesOf([...members, last]))).toEqual(new Set(['i-0']));
  });

  it('do not fire where one is missing', async () => {
    const members = await startAll([0, 1], { size: 3, timeoutMs: 300 });
    introduceAll(members);
    expect(await codesOf(members)).toEqual(['CLUSTER_INCOMPLETE', 'CLUSTER_INCOMPLETE']);
    await expect(members[1]?.agreed).rejects.toThrow('2 of 3 members came in 0 s (i-0, i-1)');
  });

  it('fire without one that is missing, where the settings allow it', async () => {
    const members = await startAll([0, 2], { size: 3, quorum: 2, timeoutMs: 300 });
    introduceAll(members);
    expect(await codesOf(members)).toEqual(['i-0', 'i-0']);
  });

  it('fail at once where one says that it will not fire, though it was counted', async () => {
    const [first, second] = await startAll([0, 1], { size: 3 });
    if (first === undefined || second === undefined) throw new Error('two members');
    introduceAll([first, second]);
    await expect.poll(() => first.knows()).toEqual(['i-1']);
    second.fails({ code: 'CLUSTER_STOPPED', message: 'stopped', hint: 'again' });
    await expect(first.agreed).rejects.toThrow('i-1: stopped');
  });

  it('do not count one that has gone', async () => {
    const [first, second] = await startAll([0, 1], { size: 3 });
    if (first === undefined || second === undefined) throw new Error('two members');
    introduceAll([first, second]);
    await expect.poll(() => first.knows()).toEqual(['i-1']);
    await second[Symbol.asyncDispose]();
    await expect.poll(() => first.knows(), { timeout: 10_000 }).toEqual([]);
  });

  it('that are parted in two halves do not fire, whatever the quorum', async () => {
    const size = { size: 4, quorum: 1, timeoutMs: 300 };
    const halves = [await startAll([0, 1], size), await startAll([2, 3], size)];
    halves.forEach(introduceAll);
    expect(new Set(await codesOf(halves.flat()))).toEqual(new Set(['CLUSTER_INCOMPLETE']));
  });

  it('take the next one to lead where the first is lost before it has votes', async () => {
    const first = await start({ index: 0, size: 3, timeoutMs: 2_000 });
    const members = await startAll([1, 2], { size: 3, quorum: 2, timeoutMs: 2_000 });
    introduceAll([first, ...members]);
    await first[Symbol.asyncDispose]();
    expect(await codesOf(members)).toEqual(['i-1', 'i-1']);
  });

  it('of different versions do not fire, and each says which', async () => {
    const members = [
      await start({ index: 0, size: 2 }),
      await start({ index: 1, size: 2, engine: 'tsung 1.8.0' }),
    ];
    introduceAll(members);
    expect(await codesOf(members)).toEqual(['CLUSTER_MIXED', 'CLUSTER_MIXED']);
    await expect(members[1]?.agreed).rejects.toThrow(
      'engine: tsung 1.7.0 on i-0; tsung 1.8.0 on i-1',
    );
  });

  it('that have voted do not vote again after a restart', async () => {
    const options = { size: 2, timeoutMs: 60_000 };
    const [first, second] = await startAll([0, 1], options);
    if (first === undefined || second === undefined) throw new Error('no members');
    introduceAll([first, second]);
    const agreed = await second.agreed;
    await second[Symbol.asyncDispose]();
    const again = await start({ index: 1, ...options });
    expect(await again.agreed).toEqual(agreed);
  });

  it(`agree on one membership at most, whoever is restarted and when (SEED=${seed})`, async () => {
    const random = createRandom();
    for (let round = 0; round < 5; round++) {
      dir = await temporaryFolder('gather');
      port = await freeMembersPort();
      const members = await startAll([0, 1, 2, 3], { size: 4, quorum: 3, timeoutMs: 500 });
      introduceAll(members);
      const victims = members.filter(() => random() < 0.5);
      const agreed = members.map(({ agreed: one }) => one);
      for (const victim of victims) {
        await new Promise((resolve) => setTimeout(resolve, random() * 100));
        await victim[Symbol.asyncDispose]();
        const again = await start({
          index: victim.self.launchIndex,
          size: 4,
          quorum: 3,
          timeoutMs: 500,
        });
        again.meets(...members);
        agreed.push(again.agreed);
      }
      const ends = await Promise.allSettled(agreed);
      const found = ends.flatMap((end): readonly Membership[] =>
        end.status === 'fulfilled' ? [end.value] : [],
      );
      expect(new Set(found.map((one) => JSON.stringify(one))).size).toBeLessThanOrEqual(1);
    }
  });
});
