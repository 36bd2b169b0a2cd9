/** What the package configures to confine the engine's user. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { membersPortNumber } from '../../../src/engine/addresses.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('the rules of the packet filter', () => {
  const rules = read('packaging/engine-wall.nft')
    .split('\n')
    .filter((line) => line.includes('reject'));

  it("are about the engine's user alone", () => {
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(rule).toMatch(/^ *meta skuid "onager-engine" /);
  });

  it('name the port that the page is on, and only on this machine', () => {
    const port = /^ListenStream=(\d+)$/m.exec(read('systemd/onager.socket'))?.[1];
    expect(rules.filter((rule) => rule.includes('oifname "lo"'))).toEqual([
      expect.stringContaining(`oifname "lo" tcp dport ${port} `),
    ]);
  });

  it('name the port that members of a cluster talk at, which no connection of the load may take', () => {
    const port = membersPortNumber;
    expect(rules.filter((rule) => rule.includes(`dport ${port} `))).toEqual([
      expect.stringMatching(/^ *meta skuid "onager-engine" tcp dport /),
      expect.stringMatching(/^ *meta skuid "onager-engine" udp dport /),
    ]);
    const reserved = /^net\.ipv4\.ip_local_reserved_ports = (\S+)$/m;
    expect(reserved.exec(read('systemd/onager.sysctl'))?.[1]?.split(',')).toContain(String(port));
  });
});

it.each(['hardlinks', 'symlinks', 'fifos'])('the kernel protects %s', (what) => {
  expect(read('systemd/onager.sysctl')).toMatch(new RegExp(`^fs\\.protected_${what} = 1$`, 'm'));
});
