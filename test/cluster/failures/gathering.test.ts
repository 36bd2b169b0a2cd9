/** Clusters that do not come together: nobody fires, and everybody says why. */

import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isOver, network } from '../network.ts';
import { scenarioFor } from '../scenario.ts';
import {
  expectAllCounted,
  killAgent,
  problemOf,
  ranked,
  refusingMembers,
  summaryOf,
  until,
  untilThere,
} from './failing.ts';

const userData = scenarioFor({ seconds: 5 });
const timeout = (seconds: number) => ({ 'onager:cluster.timeout': `${seconds}s` });

it('a security group lets nobody through: the command is shown, and nobody fires', async () => {
  await using net = await network({
    members: 3,
    userData,
    tags: timeout(60),
    before: (member) => member.sh(refusingMembers),
  });
  const runs = await net.until(({ awaiting }) => awaiting?.lastAnswer !== undefined);
  for (const { awaiting } of runs) {
    expect(awaiting?.what).toBe('2 of the 3 members of the cluster');
    expect(awaiting?.until).toBeDefined();
    expect(awaiting?.lastAnswer).toContain(
      "aws ec2 authorize-security-group-ingress --region eu-central-1 --group-id sg-0123456789abcdef0 --ip-permissions 'IpProtocol=tcp,FromPort=7424,ToPort=7424,UserIdGroupPairs=[{GroupId=sg-0123456789abcdef0}]' 'IpProtocol=udp,FromPort=7424,ToPort=7424,UserIdGroupPairs=[{GroupId=sg-0123456789abcdef0}]'",
    );
  }
  for (const run of await net.until(isOver)) {
    expect(run.phase).toBe('failed');
    expect(problemOf(run)).toBe('CLUSTER_INCOMPLETE');
    expect(run.problems[0]?.hint).toContain('aws ec2 authorize-security-group-ingress');
  }
  expect(net.target.answered()).toBe(0);
});

it('fewer are launched than asked: nobody fires', async () => {
  await using net = await network({
    members: 2,
    userData,
    tags: { 'onager:cluster.size': '3', ...timeout(40) },
  });
  for (const run of await net.until(isOver)) {
    expect(run.phase).toBe('failed');
    expect(problemOf(run)).toBe('CLUSTER_INCOMPLETE');
    expect(run.problems[0]?.message).toMatch(/2 of 3 members came in 40 s/);
  }
  expect(net.target.answered()).toBe(0);
});

it('with a quorum those who came fire it all, and say who did not come', async () => {
  await using net = await network({
    members: 3,
    userData,
    tags: {
      'onager:cluster.size': '4',
      'onager:cluster.quorum': '3',
      ...timeout(25),
    },
  });
  const runs = await net.until(isOver);
  const [leader] = ranked(net);
  for (const run of runs)
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
  const summary = await summaryOf(leader);
  expectAllCounted(summary, net);
  expect(summary.totals.requests).toBe(net.target.answered());
  const shares = runs[0]?.cluster?.members.map(({ share = 0 }) => share) ?? [];
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
  expect(summary.run.warnings).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('3 of the 4 members') }),
  );
});

it('a latecomer is told that the others have agreed without it', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 40 }),
    tags: { 'onager:cluster.quorum': '2', ...timeout(15) },
    launchedAfterMs: (index) => (index === 2 ? 35_000 : 0),
  });
  const runs = await net.until(isOver);
  const late = runs[2];
  expect(late?.phase).toBe('failed');
  expect(problemOf(late)).toBe('CLUSTER_TOO_LATE');
  expect(net.target.answeredTo.has(net.members[2]?.address ?? '')).toBe(false);
  for (const run of runs.slice(0, 2)) expect(run.outcome).toEqual({ kind: 'complete' });
});

it('two and two that do not reach each other: nobody fires', async () => {
  await using net = await network({
    members: 4,
    userData,
    tags: { 'onager:cluster.quorum': '3', ...timeout(40) },
    before: (member, index) => member.sh(refusingFrom(index < 2 ? [12, 13] : [10, 11])),
  });
  for (const run of await net.until(isOver)) {
    expect(run.phase).toBe('failed');
    expect(problemOf(run)).toBe('CLUSTER_INCOMPLETE');
  }
  expect(net.target.answered()).toBe(0);
});

it('the first member dies before the others have agreed: nobody fires', async () => {
  await using net = await network({
    members: 3,
    userData,
    tags: { 'onager:cluster.size': '4', 'onager:cluster.quorum': '4', ...timeout(60) },
  });
  const [first, ...others] = ranked(net);
  await net.until((run) => run.cluster?.members.length === 3, [first]);
  await first.die();
  for (const run of await net.until(isOver, others)) {
    expect(run.phase).toBe('failed');
    expect(['CLUSTER_INCOMPLETE', 'CLUSTER_LEADER_LOST']).toContain(problemOf(run));
  }
  expect(net.target.answered()).toBe(0);
});

it.each([0, 1])('member %i dies just when they have agreed: nobody fires', async (index) => {
  await using net = await network({ members: 3, userData });
  const lost = net.members[index];
  if (lost === undefined) throw new Error('three members');
  await untilThere(lost, 'cluster/membership.json');
  process.kill(lost.agent.pid() ?? Number.NaN, 'SIGSTOP');
  await lost.die();
  const left = net.members.filter((member) => member !== lost);
  for (const run of await net.until(isOver, left)) {
    expect(['CLUSTER_LEADER_LOST', 'CLUSTER_MEMBER_LOST']).toContain(problemOf(run));
  }
  expect(net.target.answered()).toBe(0);
});

it('the agent of the first member is killed again and again while they gather: it leads', async () => {
  await using net = await network({
    members: 3,
    late: 1,
    userData,
  });
  const [first] = ranked(net);
  killAgent(first);
  await until(async () => (await first.api.run().catch(() => undefined))?.phase === 'gathering');
  killAgent(first);
  await delay(1_500);
  killAgent(first);
  await net.launch();
  const runs = await net.until(isOver);
  for (const run of runs)
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
  expectAllCounted(await summaryOf(first), net);
});

function refusingFrom(hosts: readonly number[]): string {
  const from = hosts.map((host) => `ip saddr & 0.0.0.255 == 0.0.0.${host}`);
  return `
  nft 'add table ip group'
  nft 'add chain ip group in { type filter hook input priority 0; }'
  ${from.map((rule) => `nft 'add rule ip group in ${rule} drop'`).join('\n  ')}`;
}
