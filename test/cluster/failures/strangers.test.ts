/** Instances that do not belong to the cluster, and those that would not fire the same load. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';
import { isOver, network } from '../network.ts';
import { scenarioFor } from '../scenario.ts';
import {
  codesOf,
  expectAllCounted,
  problemOf,
  ranked,
  refusingMembers,
  summaryOf,
} from './failing.ts';

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('strangers');
});

it('two launches of one scenario in one subnet: each is a cluster of its own', async () => {
  await using net = await network({
    members: 4,
    userData: scenarioFor({ seconds: 15 }),
    tags: { 'onager:cluster.size': '2' },
    tagsOf: (index) => ({ 'onager:cluster.id': index < 2 ? 'first' : 'second' }),
  });
  const runs = await net.until(isOver);
  for (const run of runs) expect(run.outcome).toEqual({ kind: 'complete' });
  const warned: string[] = [];
  for (const [from, to] of [
    [0, 2],
    [2, 4],
  ] as const) {
    const members = net.members.slice(from, to);
    const ids = members.map(({ instanceId }) => instanceId);
    expect(runs[from]?.cluster?.members.map(({ instanceId }) => instanceId)).toEqual(ids);
    const [leader] = ranked({ ...net, members });
    const summary = await summaryOf(leader);
    expectAllCounted(summary, { ...net, members });
    warned.push(...codesOf(summary.run.warnings));
  }
  // Nobody looks further once its own are found: at least those that came last are heard.
  expect(warned).toContain('CLUSTER_TWICE');
});

it('members of different versions: nobody fires, and both versions are named', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 5 }),
    within: (index) => (index === 1 ? withErlang('99.1') : []),
  });
  for (const run of await net.until(isOver)) {
    expect(run.phase).toBe('failed');
    expect(problemOf(run)).toBe('CLUSTER_MIXED');
    expect(run.problems[0]?.message).toMatch(
      /differ in their runtime: (?=.*OTP 99\.1 on i-)(?=.*OTP 2\d.* on i-)/,
    );
  }
  expect(net.target.answered()).toBe(0);
});

it('forged and replayed datagrams while members gather change nothing', async () => {
  await using net = await network({
    members: 3,
    userData: scenarioFor({ seconds: 5 }),
    before: async (machine, index) => {
      if (index === 2) await machine.sh(refusingMembers);
    },
  });
  const [leader, second] = ranked(net);
  await using stranger = await net.stranger();
  await writeFile(join(dir, 'replay.mjs'), replaying);
  const peers = [leader.address, second?.address].join(' ');
  const said = await stranger.sh(
    `${process.execPath} ${join(dir, 'replay.mjs')} ${stranger.address} ${peers}`,
  );
  expect(Number(said)).toBeGreaterThan(0);
  const during = await leader.api.run();
  expect(during?.phase).toBe('gathering');
  expect(during?.cluster?.members).toHaveLength(2);
  await net.heal();
  const runs = await net.until(isOver);
  for (const run of runs) {
    expect(run.outcome).toEqual({ kind: 'complete' });
    expect(run.cluster?.members).toHaveLength(3);
  }
  expectAllCounted(await summaryOf(leader), net);
});

/** Of a program that sees another release of Erlang, alone. */
function withErlang(release: string): readonly string[] {
  const script = `
    file=$(ls /usr/lib/erlang/releases/*/OTP_VERSION /usr/local/lib/erlang/releases/*/OTP_VERSION 2>/dev/null | head -n 1)
    other=$(mktemp)
    echo ${release} >"$other"
    mount --bind "$other" "$file"
    exec "$@"`;
  return ['unshare', '--mount', 'sh', '-euc', script, 'sh'];
}

/**
 * Is asked when the subnet is swept. From then on it sends, for a few seconds, what it has heard,
 * the same with a bit changed, and what it made up, to each member. Says how much it has heard.
 */
const replaying = `
import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';
const [host, ...peers] = process.argv.slice(2);
const socket = createSocket('udp4');
const heard = [];
socket.on('message', (bytes) => {
  if (heard.length === 0) setTimeout(() => { console.log(heard.length); process.exit(); }, 8_000);
  heard.push(bytes);
});
socket.bind(7424, host);
setInterval(() => {
  for (const bytes of heard.slice(0, 20)) {
    const forged = Buffer.from(bytes);
    forged[60] ^= 1;
    for (const peer of peers)
      for (const each of [bytes, forged, randomBytes(384)]) socket.send(each, 7424, peer);
  }
}, 100);
setTimeout(() => process.exit(1), 90_000).unref();
`;
