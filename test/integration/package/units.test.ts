/**
 * The units, judged by systemd itself: that they are valid, and how much of the machine they
 * expose.
 */

import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';

const run = promisify(execFile);
const systemd = join(import.meta.dirname, '../../../systemd');

let root = '';
beforeAll(async () => {
  root = await temporaryFolder('units');
  for (const name of await units()) {
    const text = await readFile(join(systemd, name), 'utf8');
    // The one thing missing on a machine without the package: its programs.
    const programs = /\/usr\/lib\/onager\/node|\/usr\/sbin\/nft/g;
    await writeFile(join(root, name), text.replaceAll(programs, '/bin/true'));
  }
});
afterAll(async () => await rm(root, { recursive: true, force: true }));

describe('the units', () => {
  it('are clean by systemd-analyze verify', async () => {
    const paths = (await units()).map((name) => join(root, name));
    const { stderr, stdout } = await run('systemd-analyze', ['--man=no', 'verify', ...paths]);
    expect(`${stdout}${stderr}`).toBe('');
  });

  it('do not start by themselves where /etc/onager/disabled is there', async () => {
    const starters: string[] = [];
    for (const name of await units()) {
      const text = await readFile(join(systemd, name), 'utf8');
      if (!text.includes('[Install]')) continue;
      starters.push(name);
      expect(text, name).toMatch(/^ConditionPathExists=!\/etc\/onager\/disabled$/m);
    }
    expect(starters).toContain('onager.service');
    expect(starters).toContain('onager.socket');
    expect(starters).toContain('onager-lifetime.timer');
  });

  it.each([
    ['onager.service', 1.5],
    ['onager-engine.service', 1.3],
  ])('%s leaves no more open than %d', async (name, limit) => {
    const path = join(systemd, name);
    const { stdout } = await run('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      path,
    ]);
    const score = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(limit);
  });
});

async function units(): Promise<readonly string[]> {
  return (await readdir(systemd)).filter((name) => /\.(?:service|socket|timer)$/.test(name));
}
