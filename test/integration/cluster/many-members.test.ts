/** Twenty members in one subnet find each other, start together, and the leader has it all. */
import { expect, it, onTestFinished } from 'vitest';
import type { AskMember } from '../../../src/cluster/channel/ask-member.ts';
import {
  freeMembersPort,
  type GatheringMember,
  loopbackSubnet,
  startMember,
} from '../../support/cluster-members.ts';
import { type SimulatedMember, simulateMember } from '../../support/simulated-members.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const size = 20;

it('find each other by datagrams, agree, and start at one time', async () => {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const agreed: (readonly string[])[] = [];
  const common = {
    dir: await temporaryFolder('many'),
    subnet: loopbackSubnet,
    port: await freeMembersPort(),
    size,
    onMembership: (members: readonly string[]) => void agreed.push(members),
  };
  const members: SimulatedMember[] = [];
  for (let index = size - 1; index >= 0; index -= 1)
    members.push(await simulateMember({ ...common, index }, stop.signal));
  const starts = await Promise.all(members.map(async ({ started }) => (await started).atMs));
  expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(50);
  expect(new Set(agreed.map((ids) => ids.join())).size).toBe(1);
  expect(agreed[0]).toHaveLength(size);
  const leader = members.at(-1);
  await Promise.all(members.map((member) => member.grow(1_000)));
  await expect.poll(() => leader?.copiedBytes(), { timeout: 30_000 }).toBe((size - 1) * 1_000);
});

it('ask few others each, but for the one that leads', async () => {
  const dir = await temporaryFolder('many');
  const port = await freeMembersPort();
  const asked = new Map<number, Set<string>>();
  const counting =
    (index: number) =>
    (ask: AskMember['ask']): AskMember['ask'] =>
    async (to, question, signal) => {
      const known = asked.get(index) ?? new Set();
      asked.set(index, known.add(to.address));
      return await ask(to, question, signal);
    };
  const members: GatheringMember[] = [];
  for (let index = 0; index < size; index += 1) {
    const member = await startMember({
      ...{ dir, port, index, size, lostMs: 60_000 },
      through: counting(index),
    });
    onTestFinished(async () => await member[Symbol.asyncDispose]());
    members.push(member);
  }
  for (const member of members) member.meets(...members);
  await Promise.all(members.map(({ agreed }) => agreed));
  const [first = 0, ...others] = members.map((_, index) => asked.get(index)?.size ?? 0);
  expect(first).toBe(size - 1);
  expect(others.reduce((sum, one) => sum + one, 0)).toBeLessThan(4 * size);
});
