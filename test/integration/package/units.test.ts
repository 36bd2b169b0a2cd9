/** The units, judged by systemd itself: that they are right, and how much of the machine they leave open. */

import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const systemd = join(import.meta.dirname, '../../../systemd');
const programs = ['usr/lib/onager/node', 'usr/sbin/nft', 'usr/bin/true', 'usr/bin/echo'];

let root = '';
beforeAll(async () => {
  // As on a machine that has the package: verify looks for the programs and for the units they name.
  root = await mkdtemp(join(tmpdir(), 'onager-units-'));
  const target = join(root, 'usr/lib/systemd/system');
  await mkdir(target, { recursive: true });
  for (const name of await units()) await copyFile(join(systemd, name), join(target, name));
  for (const path of [...programs, 'bin/true', 'usr/bin/journalctl']) {
    await mkdir(join(root, path, '..'), { recursive: true });
    await writeFile(join(root, path), '');
    await chmod(join(root, path), 0o755);
  }
});
afterAll(async () => await rm(root, { recursive: true, force: true }));

describe('the units', () => {
  it('are clean by systemd-analyze verify', async () => {
    const args = ['--root', root, '--man=no', 'verify', ...(await units())];
    const { stderr, stdout } = await run('systemd-analyze', args);
    // Units of the system itself are not in this folder.
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('onager'));
    expect(ours).toEqual([]);
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
