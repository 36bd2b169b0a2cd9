/**
 * A sweep of a subnet as AWS makes them, in network namespaces of its own. It prints what it took:
 * at the pace that this machine's neighbour table bears.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesToAsk, parseSubnet } from '../../../../src/cluster/discovery/subnet.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const canSweep = process.getuid?.() === 0 && ['/usr/sbin/nft', '/usr/sbin/ip'].every(existsSync);
const [here, there] = [`onager-sweep-${process.pid}`, `onager-swept-${process.pid}`];
const subnet = '10.77.16.0/20';
const own = '10.77.20.20';
const others = ['10.77.16.4', '10.77.20.21', '10.77.31.254'];
const program = join(import.meta.dirname, '../../../support/sweeping-member.ts');
const all = addressesToAsk(parseSubnet(subnet) ?? { first: 0, size: 0 }, own, Math.random);
const members: ChildProcess[] = [];

const counting = `
table arp asked {
  set addresses { type ipv4_addr; size 65535; flags dynamic; }
  chain input { type filter hook input priority 0; arp operation request update @addresses { arp daddr ip }; }
}
table ip greeted {
  set addresses { type ipv4_addr; size 65535; flags dynamic; }
  chain prerouting { type filter hook prerouting priority 0; udp dport 7424 update @addresses { ip daddr }; }
}`;

describe.skipIf(!canSweep)('a sweep of a /20 (skipped without root, nft and ip)', () => {
  beforeAll(async () => {
    for (const name of [here, there]) ip('netns', 'add', name);
    ip('link', 'add', 'sweep0', 'netns', here, 'type', 'veth', 'peer', 'sweep1', 'netns', there);
    for (const [name, link, addresses] of [
      [here, 'sweep0', [own]],
      [there, 'sweep1', others],
    ] as const) {
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('-n', name, 'link', 'set', link, 'up');
      for (const address of addresses)
        ip('-n', name, 'address', 'add', `${address}/20`, 'dev', link);
    }
    execFileSync('ip', ['netns', 'exec', there, 'nft', '-f', '-'], { input: counting });
    for (const address of others) {
      const child = spawn('ip', ['netns', 'exec', there, process.execPath, program, address]);
      members.push(child);
      await once(child.stdout, 'data');
    }
  });
  afterAll(() => {
    for (const member of members) member.kill('SIGKILL');
    for (const name of [here, there]) ip('netns', 'delete', name);
  });

  it('asks for all of 4,091 addresses, though nobody is at most of them', async () => {
    const { perSecond, ms, heard, hints } = await sweep();
    // Those who have answered may have asked for this one's address first.
    const missed = missingIn('arp', 'asked').filter((address) => !others.includes(address));
    console.log(`4,091 addresses: ${missed.length} missed at ${perSecond}/s in ${ms} ms`);
    expect(missed).toEqual([]);
    expect(heard).toEqual(others);
    expect(hints).toEqual([]);
  });

  it('sends a datagram to each of 4,091 addresses, where somebody is at all of them', async () => {
    const input = all
      .filter((address) => !others.includes(address))
      .map((address) => `address add ${address}/20 dev sweep1\n`)
      .join('');
    execFileSync('ip', ['-n', there, '-batch', '-'], { input });
    // An address that was asked for when nobody was there fails up to three seconds later, and a
    // datagram that waits for it meanwhile is dropped.
    ip('-n', here, 'neigh', 'flush', 'dev', 'sweep0', 'nud', 'all');
    const { perSecond, ms } = await sweep();
    const missed = missingIn('ip', 'greeted');
    console.log(`4,091 members: ${missed.length} missed at ${perSecond}/s in ${ms} ms`);
    expect(missed).toEqual([]);
  });
});

type Swept = Readonly<{ perSecond: number; ms: number; heard: string[]; hints: string[] }>;

async function sweep(): Promise<Swept> {
  const args = ['netns', 'exec', here, process.execPath, program, own, subnet, await hostsProc()];
  return JSON.parse(execFileSync('ip', args).toString());
}

/** In a namespace of its own a process does not see how large the table is, which all share. */
async function hostsProc(): Promise<string> {
  const dir = await temporaryFolder('proc');
  for (const path of ['sys/net/ipv4/neigh/default/gc_thresh3', 'net/stat/arp_cache']) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), await readFile(join('/proc', path)));
  }
  return dir;
}

/** The addresses of the subnet that a set of the packet filter does not have. */
function missingIn(family: string, table: string): readonly string[] {
  const args = ['netns', 'exec', there, 'nft', '-j', 'list', 'set', family, table, 'addresses'];
  const text = execFileSync('ip', args).toString();
  return all.filter((address) => !text.includes(`"${address}"`));
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}
