/** Who is in the subnet and is no member is refused, and counted in the log. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { NetworkMember } from './member.ts';
import type { Namespace } from './namespace.ts';
import { isOver, network } from './network.ts';
import { scenarioFor } from './scenario.ts';

const node = join(import.meta.dirname, '../../node_modules/.bin/node');
const script = join(import.meta.dirname, 'stranger-main.ts');

function begin({ enter }: Namespace, ...args: readonly string[]): ChildProcess {
  const [file, ...before] = enter;
  return spawn(file, [...before, node, script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function resultOf({ stdout }: ChildProcess): Promise<unknown> {
  if (stdout === null) throw new Error('no output');
  return JSON.parse(await text(stdout));
}

/** The last count of those who were refused. */
async function refusedBy(member: NetworkMember): Promise<unknown> {
  const lines = (await member.log()).split('\n').filter((line) => line.includes('were refused'));
  return JSON.parse(lines.at(-1) ?? '{}');
}

it('refuses connections and datagrams of a stranger, and fires with its members alone', async () => {
  await using net = await network({
    members: 3,
    late: 1,
    userData: scenarioFor({ seconds: 20 }),
  });
  const [first, second] = net.members;
  if (first === undefined || second === undefined) throw new Error('two members');
  await net.until(({ phase }) => phase === 'gathering');
  const stranger = await net.stranger();

  const hearing = begin(stranger, 'datagrams', first.address, stranger.address);
  const connections = await resultOf(begin(stranger, 'connections', first.address));
  expect(connections).toEqual({
    wrongKey: expect.not.stringContaining('answered'),
    wrongRunKey: expect.not.stringContaining('answered'),
    noSuchKey: expect.not.stringContaining('answered'),
    plain: expect.not.stringContaining('answered'),
    withoutKey: expect.not.stringContaining('answered'),
  });

  // The next sweep of the second member comes by the stranger.
  if (hearing.stderr === null) throw new Error('no output');
  const [words] = await once(hearing.stderr, 'data');
  expect(`${words}`).toBe(`as ${second.address}\n`);
  await stranger.sh(`ip address add ${second.address}/32 dev lo`);
  hearing.stdin?.write('go');
  await resultOf(hearing);
  await stranger.sh(`ip address delete ${second.address}/32 dev lo`);

  const other = await net.launchOther();
  await net.until(({ phase }) => phase === 'gathering', [other]);

  await net.launch();
  await net.until(({ phase }) => phase === 'running');
  expect(await resultOf(begin(stranger, 'scan', first.address))).toEqual([80, 7424]);
  expect(await resultOf(begin(stranger, 'scan', second.address))).toEqual([80, 7424]);
  const [run] = await net.until(isOver);
  expect(run?.outcome).toEqual({ kind: 'complete' });
  expect(run?.cluster?.members.map(({ address }) => address)).toEqual(
    net.members.map(({ address }) => address),
  );
  expect((await first.api.summary())?.totals.requests).toBe(net.target.answered());
  expect([...net.target.answeredTo.keys()]).not.toContain(other.address);

  const waiting = await other.api.run();
  expect(waiting?.phase).toBe('gathering');
  expect(waiting?.cluster?.members.length).toBe(1);
  await expect
    .poll(() => refusedBy(first), { timeout: 90_000, interval: 1_000 })
    .toMatchObject({
      // Those above, and the scan.
      handshakes: 6,
      foreign: 1,
      unauthentic: expect.toSatisfy((count: number) => count >= 1),
      misdirected: 1,
      replayed: 2,
    });
});
