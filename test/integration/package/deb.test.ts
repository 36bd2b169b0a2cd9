/**
 * The package: identical bytes when built twice, no complaint from lintian, and everything it must
 * contain.
 */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageAll } from '../../../scripts/package.ts';
import { makeScenario } from '../../support/scenario.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const run = promisify(execFile);
let dir = '';
let deb = '';
let home = '';

beforeAll(async () => {
  dir = await temporaryFolder('package');
  deb = await build('first');
  const tree = join(dir, 'tree');
  await run('dpkg-deb', ['-x', deb, tree]);
  home = join(tree, 'usr/lib/onager');
}, 180_000);

describe('the package', () => {
  it('is the same bytes when it is built again', async () => {
    const again = await build('second');
    expect(await sha256(again)).toBe(await sha256(deb));
  }, 180_000);

  it('has every command that its help names, without node_modules', async () => {
    expect((await onager('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await onager('help')).stdout).toContain('onager rehearse FILE|DIR');
    const scenario = join(dir, 'scenario');
    await mkdir(scenario);
    await makeScenario(scenario, { seconds: 1 });
    const { stdout } = await onager('rehearse', scenario, '--exit');
    expect(stdout).toContain('outcome: complete');
  });

  it('is started from what its installation compiles, with the options of its units', async () => {
    await makeCodeCache();
    for (const unit of ['onager.service', 'onager-engine.service']) {
      const taken = await takenByV8(await optionsOf(unit));
      const names = Object.keys(taken);
      expect(names, unit).toEqual(expect.arrayContaining(['main.js', 'fastify.js', 'agent.js']));
      expect(Object.values(taken), unit).toEqual(names.map(() => true));
    }
  }, 60_000);

  it('starts without that, too', async () => {
    await makeCodeCache();
    const path = join(home, 'code-cache');
    const whole = await readFile(path);
    for (const cache of [whole.subarray(0, whole.length / 2), Buffer.alloc(whole.length, 1)]) {
      await writeFile(path, cache);
      expect((await onager('--version')).stderr).toBe('');
    }
    await rm(path);
    expect((await onager('--version')).stderr).toBe('');
  }, 60_000);

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

async function onager(...args: string[]) {
  return await run(join(home, 'node'), [join(home, 'cli.js'), ...args], { cwd: dir, env: {} });
}

/** As the installation does. */
async function makeCodeCache(): Promise<void> {
  await run('sh', ['-c', '"$0/node" "$0/make-code-cache.js" 3>"$0/code-cache"', home]);
}

/** The options that a unit starts Node.js with. */
async function optionsOf(unit: string): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, '../../../systemd', unit), 'utf8');
  return text.match(/ --\S+(?= .*cli\.js)/g)?.map((option) => option.trim()) ?? [];
}

/** Of which files the cache has code, and whether V8 takes it. */
async function takenByV8(options: readonly string[]): Promise<Readonly<Record<string, boolean>>> {
  const program = join(import.meta.dirname, '../../../scripts/package/program');
  const bundled = await readFile(join(home, 'cli.js'), 'utf8');
  const id = /build = "(\w+)"/.exec(bundled)?.[1];
  const script = `
    import { openCodeCache } from '${program}/code-cache.ts';
    import { createLoader } from '${program}/loader.ts';
    const cache = openCodeCache('${home}/code-cache', '${id}');
    const { load, scripts } = createLoader('${home}', cache);
    process.argv[2] = '--version';
    for (const name of ['main.js', 'agent.js', 'supervisor.js']) load(name);
    const taken = [...scripts].map(([name, script]) => [name, script.cachedDataRejected === false]);
    console.error(JSON.stringify(Object.fromEntries(taken)));`;
  const args = [...options, '--input-type=module', '--eval', script];
  const { stderr } = await run(join(home, 'node'), args, { env: {} });
  return JSON.parse(stderr.trim().split('\n').at(-1) ?? '');
}

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
