/** What the package configures to confine the engine's user. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

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
});

it.each(['hardlinks', 'symlinks', 'fifos'])('the kernel protects %s', (what) => {
  expect(read('systemd/onager.sysctl')).toMatch(new RegExp(`^fs\\.protected_${what} = 1$`, 'm'));
});
