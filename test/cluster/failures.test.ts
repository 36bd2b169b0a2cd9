/** What goes wrong between members: the run ends all the same, and says what it lacks. */

import { expect, it } from 'vitest';
import { isOver, network } from './network.ts';
import { scenarioFor } from './scenario.ts';

it('two halves that do not reach each other: neither fires', async () => {
  await using net = await network({
    members: 4,
    late: 4,
    userData: scenarioFor({ seconds: 5 }),
    tags: { 'onager:cluster.timeout': '40s', 'onager:cluster.quorum': '3' },
  });
  const launched = [await net.launch(), await net.launch()];
  for (const late of [await net.launch(), await net.launch()]) {
    await net.cut(launched, [late]);
  }
  const states = await net.until(isOver);
  for (const { problems } of states) expect(problems.at(0)?.code).toBe('CLUSTER_INCOMPLETE');
  expect(net.target.answered()).toBe(0);
});

it('agents that are killed while all fire: the same load, counted once', async () => {
  await using net = await network({ members: 3, userData: scenarioFor({ seconds: 25 }) });
  await net.until(({ phase }) => phase === 'running');
  for (const { agent } of net.members) {
    const before = agent.pid() ?? 0;
    process.kill(before, 'SIGKILL');
    await expect.poll(() => agent.pid(), { timeout: 30_000 }).not.toBe(before);
  }
  const states = await net.until(isOver);
  expect(states[0]?.outcome).toEqual({ kind: 'complete' });
  const summary = await net.members[0]?.api.summary();
  expect(summary?.totals.requests).toBe(net.target.answered());
});

it('a member that is gone: the others go on, and the report says what was lost', async () => {
  await using net = await network({ members: 3, userData: scenarioFor({ seconds: 30 }) });
  const [leader, second, third] = net.members;
  if (leader === undefined || second === undefined || third === undefined) throw new Error('three');
  await net.until(({ phase }) => phase === 'running');
  await expect
    .poll(() => net.target.answeredTo.get(third.address) ?? 0, { timeout: 60_000 })
    .toBeGreaterThan(5);
  await third.die();
  const [run] = await net.until(isOver, [leader, second]);
  expect(run?.outcome).toMatchObject({
    kind: 'interrupted',
    problem: {
      code: 'CLUSTER_MEMBER_LOST',
      message: expect.stringContaining('33.3 % of the load'),
    },
  });
  const summary = await leader.api.summary();
  const counted = new Map(summary?.members?.map((one) => [one.instanceId, one.requests]));
  for (const { address, instanceId } of [leader, second])
    expect(counted.get(instanceId)).toBe(net.target.answeredTo.get(address));
  expect(summary?.totals.requests).toBeLessThanOrEqual(net.target.answered());
});
