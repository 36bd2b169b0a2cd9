/** Agents that are killed or stand still while the load runs: nothing of it is lost. */

import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isOver, network } from '../network.ts';
import { scenarioFor } from '../scenario.ts';
import { codesOf, expectAllCounted, killAgent, ranked, summaryOf, untilFired } from './failing.ts';

const load = { seconds: 40, rate: 12 } as const;

it("the leader's and a member's agent are killed in mid-load: the run is complete", async () => {
  await using net = await network({ members: 3, userData: scenarioFor(load) });
  const [leader, second] = ranked(net);
  await untilFired(net);
  killAgent(leader);
  if (second !== undefined) killAgent(second);
  const runs = await net.until(isOver);
  for (const run of runs)
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
  const summary = await summaryOf(leader);
  expectAllCounted(summary, net);
  expect(summary.totals.requests).toBe(net.target.answered());
  expect(codesOf(summary.run.warnings)).not.toContain('CLUSTER_MEMBER_LOST');
});

it("the leader's and a member's agent stand still for 20 s: the run is complete", async () => {
  await using net = await network({ members: 3, userData: scenarioFor(load) });
  const [leader, second] = ranked(net);
  await untilFired(net);
  const pids = [leader.agent.pid(), second?.agent.pid()].map(Number);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  await delay(20_000);
  for (const pid of pids) process.kill(pid, 'SIGCONT');
  const runs = await net.until(isOver);
  for (const run of runs)
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
  const summary = await summaryOf(leader);
  expectAllCounted(summary, net);
  expect(summary.totals.requests).toBe(net.target.answered());
});
