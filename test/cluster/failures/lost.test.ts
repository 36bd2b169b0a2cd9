/** Members that are lost while the load runs, for good or for a while. */

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isOver, network } from '../network.ts';
import { scenarioFor } from '../scenario.ts';
import { codesOf, expectAllCounted, problemOf, ranked, summaryOf, untilFired } from './failing.ts';

it('a member dies: the others go on to the planned end, and its share is named', async () => {
  await using net = await network({ members: 3, userData: scenarioFor({ seconds: 50, rate: 12 }) });
  const [leader, second, third] = ranked(net);
  if (second === undefined || third === undefined) throw new Error('three members');
  // What it measures is here up to two seconds later.
  await untilFired(net, 100);
  await third.die();
  const before = net.target.answeredTo.get(third.address) ?? 0;
  const [ofLeader, ofSecond] = await net.until(isOver, [leader, second]);
  expect(ofLeader).toMatchObject({
    phase: 'finished',
    outcome: {
      kind: 'interrupted',
      problem: {
        code: 'CLUSTER_MEMBER_LOST',
        message: expect.stringMatching(
          new RegExp(`${third.instanceId}, which fired 33.33 % of the load, was last heard \\d+ s`),
        ),
      },
    },
  });
  expect(ofLeader?.cluster?.members.map(({ state }) => state)).toEqual(['ended', 'ended', 'lost']);
  expect(ofSecond).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
  const summary = await summaryOf(leader);
  // What is measured is here a second later; what the dead one did after that nobody knows.
  expectAllCounted(summary, { ...net, members: [leader, second] });
  const told = summary.members?.find((one) => one.instanceId === third.instanceId)?.requests;
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThanOrEqual(before + 3);
  const { engine } = await leader.folder().then(({ runJson }) => readJson(runJson));
  expect(Date.parse(engine.endedAt) - Date.parse(engine.startedAt)).toBeGreaterThan(49_000);
});

it('the leader dies: the others end their load, and publish what they have measured', async () => {
  await using net = await network({
    members: 3,
    bucket: true,
    userData: scenarioFor({ seconds: 120, rate: 12 }),
  });
  const [leader, ...others] = ranked(net);
  await untilFired(net);
  await leader.die();
  const diedAt = Date.now();
  const runs = await net.until(isOver, others);
  expect(Date.now() - diedAt).toBeLessThan(90_000);
  for (const run of runs) {
    expect(run.phase).toBe('finished');
    expect(problemOf(run)).toBe('CLUSTER_LEADER_LOST');
    expect(run.publish).toMatchObject({ whole: true });
  }
  for (const member of others) {
    const summary = await summaryOf(member);
    expect(summary.run.warnings).toContainEqual(
      expect.objectContaining({ hint: expect.stringContaining("this member's part of the load") }),
    );
    const answered = net.target.answeredTo.get(member.address) ?? 0;
    expect(answered - summary.totals.requests).toBeLessThanOrEqual(5);
    expect(summary.totals.requests).toBeLessThanOrEqual(answered);
  }
});

it('a member is away for 10 s: nothing is lost', async () => {
  await using net = await network({ members: 3, userData: scenarioFor({ seconds: 40, rate: 12 }) });
  const [leader, , third] = ranked(net);
  if (third === undefined) throw new Error('three members');
  await untilFired(net);
  await net.cut([third], net.members.slice(0, 2));
  await delay(10_000);
  await net.heal();
  const runs = await net.until(isOver);
  for (const run of runs)
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
  expectAllCounted(await summaryOf(leader), net);
});

it('a member is away for 60 s: it ends its load, and what it measured is in the report', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 110, rate: 12 }),
  });
  const [leader, , third] = ranked(net);
  if (third === undefined) throw new Error('three members');
  await untilFired(net);
  await net.cut([third], net.members.slice(0, 2));
  await delay(60_000);
  await net.heal();
  const [ofLeader, , ofThird] = await net.until(isOver);
  expect(ofThird?.phase).toBe('finished');
  expect(problemOf(ofThird)).toBe('CLUSTER_LEADER_LOST');
  expect(ofLeader).toMatchObject({
    phase: 'finished',
    outcome: {
      kind: 'interrupted',
      problem: { code: 'CLUSTER_MEMBER_LOST', message: expect.stringContaining(third.instanceId) },
    },
  });
  const summary = await summaryOf(leader);
  expectAllCounted(summary, net, 5);
  expect(codesOf(summary.run.warnings)).toContain('CLUSTER_MEMBER_LOST');
});

it("the leader's agent stands still for 45 s: the others end their load, and it says so", async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 80, rate: 12 }),
  });
  const [leader, ...others] = ranked(net);
  await untilFired(net);
  const pid = leader.agent.pid() ?? Number.NaN;
  process.kill(pid, 'SIGSTOP');
  await delay(45_000);
  process.kill(pid, 'SIGCONT');
  const [ofLeader, ...ofOthers] = await net.until(isOver);
  for (const run of ofOthers) expect(problemOf(run)).toBe('CLUSTER_LEADER_LOST');
  expect(ofLeader).toMatchObject({
    phase: 'finished',
    outcome: { kind: 'interrupted', problem: { code: 'CLUSTER_MEMBER_LOST' } },
  });
  const losses = ofLeader?.warnings.filter(({ code }) => code === 'CLUSTER_MEMBER_LOST') ?? [];
  expect(losses.map(({ message }) => message)).toEqual(
    others.map(({ instanceId }) =>
      expect.stringMatching(new RegExp(`${instanceId}.* ended early: the leader .* has not asked`)),
    ),
  );
  expectAllCounted(await summaryOf(leader), net, 5);
});

async function readJson(path: string) {
  return JSON.parse(await readFile(path, 'utf8'));
}
