/** Loads that end early on purpose, and members that cannot fire as the others do. */

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { NetworkMember } from '../member.ts';
import { isOver, network } from '../network.ts';
import { scenarioFor } from '../scenario.ts';
import { expectAllCounted, problemOf, ranked, summaryOf, until, untilFired } from './failing.ts';

/** What a load had no time to read, of one that ended early. */
const unread = 6;

const inTwoMinutes = () => new Date(Date.now() + 120_000).toISOString().replace(/\.\d+Z/, 'Z');

it('a spot notice on a member: the others go on, and the report says why it ended', async () => {
  await using net = await network({
    members: 3,
    spot: true,
    userData: scenarioFor({ seconds: 40, rate: 12 }),
  });
  const [leader, second] = ranked(net);
  await untilFired(net);
  await second?.change({ spotAction: { action: 'terminate', time: inTwoMinutes() } });
  const [ofLeader, ofSecond, ofThird] = await net.until(isOver);
  expect(problemOf(ofSecond)).toBe('SPOT_INTERRUPTION');
  expect(ofThird?.outcome).toEqual({ kind: 'complete' });
  expect(ofLeader).toMatchObject({
    outcome: {
      kind: 'interrupted',
      problem: {
        code: 'CLUSTER_MEMBER_LOST',
        message: expect.stringMatching(
          new RegExp(`${second?.instanceId}, which fired 33.33 % of the load, ended early: .*spot`),
        ),
      },
    },
  });
  expectAllCounted(await summaryOf(leader), net, unread);
});

it('a spot notice on the leader: all end, and everything is in its report', async () => {
  await using net = await network({
    members: 3,
    spot: true,
    bucket: true,
    userData: scenarioFor({ seconds: 120, rate: 12 }),
  });
  const [leader] = ranked(net);
  await untilFired(net);
  await leader.change({ spotAction: { action: 'terminate', time: inTwoMinutes() } });
  const noticedAt = Date.now();
  const runs = await net.until(isOver);
  expect(Date.now() - noticedAt).toBeLessThan(90_000);
  for (const run of runs) {
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'interrupted' } });
    expect(problemOf(run)).toBe('SPOT_INTERRUPTION');
  }
  expect(runs[0]?.publish).toMatchObject({ whole: true });
  expectAllCounted(await summaryOf(leader), net, unread);
});

it.each([0, 2])('a user stops the load on member %i: it ends everywhere', async (index) => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 120, rate: 12 }),
  });
  const [leader] = ranked(net);
  await untilFired(net);
  await net.members[index]?.api.stop();
  const stoppedAt = Date.now();
  for (const run of await net.until(isOver)) {
    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'stopped' } });
  }
  expect(Date.now() - stoppedAt).toBeLessThan(60_000);
  expectAllCounted(await summaryOf(leader), net, unread);
});

it('a user stops the load on a member before it began: nobody fires, and all say why', async () => {
  await using net = await network({
    members: 2,
    userData: scenarioFor({ seconds: 5 }),
    tags: { 'onager:cluster.size': '3' },
  });
  const [first, second] = ranked(net);
  await net.until((run) => run.cluster?.members.length === 2, [first]);
  await second?.api.stop();
  const stoppedAt = Date.now();
  const [ofFirst, ofSecond] = await net.until(isOver);
  expect(Date.now() - stoppedAt).toBeLessThan(60_000);
  expect(ofSecond?.outcome).toEqual({ kind: 'stopped' });
  expect(problemOf(ofFirst)).toBe('CLUSTER_STOPPED');
  expect(ofFirst?.problems[0]?.message).toContain(second?.instanceId);
  expect(net.target.answered()).toBe(0);
});

it("the leader's lifetime ends: all end, and everything is in its report", async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 240, rate: 12 }),
    tagsOf: (index) => (index === 0 ? { 'onager:lifetime': '2m' } : {}),
  });
  const [leader] = ranked(net);
  const runs = await net.until(isOver);
  for (const run of runs) expect(problemOf(run)).toBe('LIFETIME_OVER');
  const summary = await summaryOf(leader);
  expect(summary.totals.requests).toBeGreaterThan(0);
  expectAllCounted(summary, net, unread);
});

it('a scenario with a mistake: every member says so at once, and waits for nobody', async () => {
  await using net = await network({
    members: 2,
    userData: (target) => scenarioFor({ seconds: 5 })({ ...target, port: 99_999 }),
    tags: { 'onager:cluster.size': '3' },
  });
  for (const run of await net.until(isOver)) {
    expect(run).toMatchObject({ phase: 'failed', outcome: { kind: 'failed' } });
    expect(problemOf(run)).not.toMatch(/^CLUSTER_/);
    expect(run.cluster).toBeUndefined();
  }
  expect(net.target.answered()).toBe(0);
});

it('one member cannot prepare its load: the others hear of it, and wait no longer', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 5 }),
    tagsOf: (index) => (index === 1 ? { 'onager:entry': 'missing.xml' } : {}),
  });
  const [, second] = ranked(net);
  const startedAt = Date.now();
  for (const run of await net.until(isOver)) {
    expect(run).toMatchObject({ phase: 'failed', outcome: { kind: 'failed' } });
    expect(run.problems[0]?.message).toContain('missing.xml');
    if (run.instance?.instanceId === second?.instanceId) continue;
    expect(run.problems[0]?.message).toContain(second?.instanceId);
  }
  // They wait five minutes for a member of which nobody hears.
  expect(Date.now() - startedAt).toBeLessThan(100_000);
  expect(net.target.answered()).toBe(0);
});

it('clocks that differ by seconds: the offset is shown, and the course is that of one load', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 15, rate: 12 }),
    clockOffsetsMs: [0, 7_000, -5_000],
  });
  const [leader] = ranked(net);
  const runs = await net.until(isOver);
  for (const run of runs) expect(run.outcome).toEqual({ kind: 'complete' });
  const [, ahead, behind] = runs[0]?.cluster?.members ?? [];
  expect(Math.abs((ahead?.clockOffsetMs ?? 0) - 7_000)).toBeLessThan(150);
  expect(Math.abs((behind?.clockOffsetMs ?? 0) + 5_000)).toBeLessThan(150);
  const firsts = net.members.map(({ address }) => net.target.firstAt.get(address) ?? 0);
  expect(Math.max(...firsts) - Math.min(...firsts)).toBeLessThan(4_000);
  const summary = await summaryOf(leader);
  const { loadStartedMs = 0, loadEndedMs = 0 } = summary;
  expect(loadEndedMs - loadStartedMs).toBeLessThan(19_000);
  expectAllCounted(summary, net);
});

it('a member that gets half of its processors: its part of the report points at it', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 30, rate: 12 }),
  });
  const [leader, second] = ranked(net);
  if (second === undefined) throw new Error('three members');
  await untilFired(net, 3);
  const engines = await enginesOn(second);
  let isOverThere = false;
  void (async () => {
    while (!isOverThere) {
      signalAll(engines, 'SIGSTOP');
      await delay(150);
      signalAll(engines, 'SIGCONT');
      await delay(150);
    }
  })();
  try {
    await until(async () => (await second.api.run().catch(() => undefined))?.phase !== 'running');
  } finally {
    isOverThere = true;
  }
  await net.until(isOver);
  const summary = await summaryOf(leader);
  const [ofLeader, ofSecond, ofThird] = summary.members?.map(({ generator }) => generator) ?? [];
  expect(ofSecond?.verdict).toBe('suspect');
  // The others are as slow as this machine is, whatever else runs on it.
  const slow = ofSecond?.delay?.p95Ms ?? 0;
  for (const other of [ofLeader, ofThird]) expect(other?.delay?.p95Ms).toBeLessThan(slow / 2);
  expect(summary.generator.reasons.join('\n')).toContain(second.instanceId);
  expectAllCounted(summary, net);
});

async function enginesOn({ namespace }: NetworkMember): Promise<readonly number[]> {
  const all = await namespace.processes();
  const names = await Promise.all(
    all.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')),
  );
  return all.filter((_, at) => names[at]?.startsWith('beam'));
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}
