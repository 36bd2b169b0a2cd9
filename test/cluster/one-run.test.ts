/** Members that find each other fire one load, and have one page and one report. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import type { Latency } from '../../src/results/measurements.ts';
import type { RunState } from '../../src/run/state.ts';
import { readDump } from '../support/sample-rows.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { NetworkMember } from './member.ts';
import { isOver, type Network, network } from './network.ts';
import { scenarioFor } from './scenario.ts';

const root = join(import.meta.dirname, '../..');

/** The run is over everywhere, and was one: of all members, with the load of each. */
async function expectOneRun(net: Network): Promise<NetworkMember> {
  const states = await net.until(isOver);
  const leader = leaderOf(net, states);
  const run = states[net.members.indexOf(leader)];
  expect(run?.outcome).toEqual({ kind: 'complete' });
  expect(run?.cluster?.members.map(({ instanceId, state }) => `${instanceId} ${state}`)).toEqual(
    net.members.map(({ instanceId }) => `${instanceId} ended`),
  );
  const summary = await leader.api.summary();
  expect(summary?.final).toBe(true);
  expect(net.target.answered()).toBeGreaterThan(100);
  expect(summary?.totals.requests).toBe(net.target.answered());
  expect(summary?.totals.failed).toBe(0);
  const members = summary?.members ?? [];
  expect(new Map(members.map((one) => [addressOf(net, one.instanceId), one.requests]))).toEqual(
    net.target.answeredTo,
  );
  return leader;
}

function leaderOf({ members }: Network, states: readonly RunState[]): NetworkMember {
  const ids = new Set(states.map(({ cluster }) => cluster?.leader));
  expect(ids.size).toBe(1);
  const leader = members.find(({ instanceId }) => ids.has(instanceId));
  if (leader === undefined) throw new Error('no leader');
  return leader;
}

function addressOf({ members }: Network, instanceId: string): string | undefined {
  return members.find((member) => member.instanceId === instanceId)?.address;
}

async function zipNames(member: NetworkMember): Promise<readonly string[]> {
  const path = join(await temporaryFolder('zip'), 'files.zip');
  await writeFile(path, Buffer.from(await (await member.get('/files.zip')).arrayBuffer()));
  return (await execa('unzip', ['-Z1', path])).stdout.split('\n');
}

/** By the nearest rank of all values. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN;
}

it('four in a /20, with nothing in the account: one load, one page, one zip', async () => {
  const settings = 'samples: rows\ncluster: { size: 4 }\n';
  await using net = await network({
    members: 4,
    userData: scenarioFor({ seconds: 15, rate: 12, settings }),
  });
  const leader = await expectOneRun(net);
  expect(leader).toBe(net.members[0]);

  const summary = await leader.api.summary();
  const rows = await Promise.all(
    net.members.map(async (member) => readDump((await member.folder()).engineDir)),
  );
  const sortedMs = rows
    .flat()
    .map(({ us }) => us / 1_000)
    .toSorted((a, b) => a - b);
  expect(sortedMs.length).toBe(net.target.answered());
  const latency: Partial<Latency> = summary?.latency ?? {};
  const pairs = [
    [latency.p50Ms, 50],
    [latency.p90Ms, 90],
    [latency.p95Ms, 95],
    [latency.p99Ms, 99],
    [latency.p999Ms, 99.9],
  ] as const;
  for (const [found = Number.NaN, percent] of pairs) {
    const exact = percentile(sortedMs, percent);
    expect(Math.abs(found - exact) / exact, `p${percent}: ${found}, ${exact}`).toBeLessThan(0.001);
  }

  const names = await zipNames(leader);
  const wanted = net.members
    .slice(1)
    .flatMap(({ instanceId }) =>
      ['run.json', 'raw/onager.records', 'raw/generator.ndjson'].map((file) =>
        expect.stringContaining(`members/${instanceId}/${file}`),
      ),
    );
  expect(names).toEqual(expect.arrayContaining(wanted));
});

it('with a bucket: one run, one manifest, and a copy of it gives the same report', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 10 }),
    bucket: true,
  });
  const leader = await expectOneRun(net);
  const dir = await temporaryFolder('copy');
  await net.bucket?.exportTo(dir);
  const { stdout } = await execa('find', [dir, '-name', 'manifest.json']);
  const { runId } = (await leader.api.run()) ?? {};
  expect(stdout.split('\n')).toEqual([join(dir, 'runs', `${runId}`, 'manifest.json')]);
  const copy = join(dir, 'runs', `${runId}`);
  const made = await temporaryFolder('report');
  const node = join(root, 'node_modules/.bin/node');
  await execa(node, [join(root, 'src/cli.ts'), 'report', copy, '--out', made]);
  const read = async (path: string): Promise<unknown> => ({
    ...JSON.parse(await readFile(path, 'utf8')),
    generatedAt: '',
  });
  expect(await read(join(made, 'summary.json'))).toEqual(await read(join(copy, 'summary.json')));
});

it('by a list of addresses in a tag that is written after the launch', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 8 }),
    tags: { 'onager:cluster.discover': 'none' },
  });
  await net.until(({ phase }) => phase === 'gathering');
  const peers = net.members.map(({ address }) => address).join(' ');
  await Promise.all(net.members.map((one) => one.tag({ 'onager:cluster.peers': peers })));
  await expectOneRun(net);
});

it('two of four in a second subnet, which nobody asks: by a list of addresses', async () => {
  await using net = await network({
    members: 4,
    elsewhere: 2,
    userData: scenarioFor({ seconds: 8 }),
  });
  await net.until(({ phase }) => phase === 'gathering');
  const peers = net.members.map(({ address }) => address).join(' ');
  await Promise.all(net.members.map((one) => one.tag({ 'onager:cluster.peers': peers })));
  await expectOneRun(net);
});

it('with clocks apart: one load, and how far they are apart', async () => {
  await using net = await network({
    members: 2,
    userData: scenarioFor({ seconds: 10 }),
    clockOffsetsMs: [0, 3_000],
  });
  const [leader, other] = net.members;
  await expectOneRun(net);
  const { cluster } = (await leader?.api.run()) ?? {};
  const offsetMs = cluster?.members[1]?.clockOffsetMs ?? 0;
  expect(Math.abs(offsetMs - 3_000)).toBeLessThan(500);
  const firstAt = [leader, other].map((one) => net.target.firstAt.get(one?.address ?? '') ?? 0);
  expect(Math.abs((firstAt[0] ?? 0) - (firstAt[1] ?? 0))).toBeLessThan(2_500);
});
