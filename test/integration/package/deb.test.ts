/**
 * The package: identical bytes when built twice, no complaint from lintian, and everything it must
 * contain.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageAll } from '../../../scripts/package.ts';
import { makeScenario } from '../../support/scenario.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const run = promisify(execFile);
let dir = '';
let deb = '';

beforeAll(async () => {
  dir = await temporaryFolder('package');
  deb = await build('first');
}, 180_000);

describe('the package', () => {
  it('is the same bytes when it is built again', async () => {
    const again = await build('second');
    expect(await sha256(again)).toBe(await sha256(deb));
  }, 180_000);

  it('has every command that its help names, without node_modules', async () => {
    const tree = join(dir, 'tree');
    await run('dpkg-deb', ['-x', deb, tree]);
    const home = join(tree, 'usr/lib/onager');
    const onager = async (...args: string[]) =>
      await run(join(home, 'node'), [join(home, 'cli.js'), ...args], { cwd: dir, env: {} });
    expect((await onager('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await onager('help')).stdout).toContain('onager rehearse FILE|DIR');
    const scenario = join(dir, 'scenario');
    await mkdir(scenario);
    await makeScenario(scenario, { seconds: 1 });
    const { stdout } = await onager('rehearse', scenario, '--exit');
    expect(stdout).toContain('outcome: complete');
  });

  it('belongs to root, and holds no file that others may write', async () => {
    const { stdout } = await run('dpkg-deb', ['-c', deb]);
    for (const line of stdout.trim().split('\n')) {
      expect(line).toMatch(/^[-d](?:rwxr-xr-x|rw-r--r--) root\/root /);
      expect(line).not.toContain('node_modules');
    }
  });

  it('has nothing that lintian minds', async () => {
    // lintian does not remove all of its own temporary files.
    const env = { ...process.env, TMPDIR: dir };
    const { stdout } = await run('lintian', ['--allow-root', '--fail-on', 'none', deb], { env });
    expect(stdout).toBe('');
  }, 180_000);
});

async function build(name: string): Promise<string> {
  const outDir = join(dir, name);
  const [path = ''] = await packageAll({ outDir, wanted: ['amd64'], compression: 0 });
  return path;
}

async function sha256(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
