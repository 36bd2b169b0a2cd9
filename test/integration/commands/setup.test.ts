/** What `npm run demo` says first on a machine that lacks the engine. */
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ExecResult, exec } from '../../../src/exec.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const setup = join(import.meta.dirname, '../../../scripts/setup');
const tools = ['cat', 'dirname', 'grep', 'mktemp', 'rm', 'sh', 'tail'];

type Machine = Readonly<{ uid: number; offered: readonly string[]; aptFails?: boolean }>;

/** Runs it where nothing is installed but a few tools, and apt knows the packages named. */
async function run({ uid, offered, aptFails = false }: Machine): Promise<ExecResult> {
  const bin = await temporaryFolder('setup');
  for (const tool of tools) await symlink(`/usr/bin/${tool}`, join(bin, tool));
  const programs = {
    id: `echo ${uid}`,
    'apt-cache': `case " ${offered.join(' ')} " in *" $2 "*) echo '  Candidate: 1.7.0-3' ;; esac`,
    'apt-get': aptFails ? 'echo "E: no network"; exit 100' : 'exit 0',
  };
  for (const [name, text] of Object.entries(programs))
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return await exec(setup, { args: ['tsung'], env: { PATH: bin, TMPDIR: bin } });
}

describe('a machine without Tsung', () => {
  it.for([0, 1_000])('whose archive has none says so, and what to do (user %d)', async (uid) => {
    const { ok, stderr } = await run({ uid, offered: ['erlang-base'] });
    expect(ok).toBe(false);
    expect(stderr).toMatch(/the archive of this release \(.+\) has no package of it/);
    expect(stderr).toContain('Debian 12');
    expect(stderr).toContain('from source');
    expect(stderr).not.toContain('apt-get install');
  });

  it.for([
    { what: 'has it', offered: ['erlang-base', 'tsung'] },
    { what: 'is not known yet', offered: [] },
  ])('whose archive $what gets the command from a user who is not root', async ({ offered }) => {
    const { ok, stderr } = await run({ uid: 1_000, offered });
    expect(ok).toBe(false);
    expect(stderr).toBe(
      'Onager needs: tsung. Please run:\n' +
        '  sudo apt-get update && sudo apt-get install --yes --no-install-recommends tsung\n',
    );
  });

  it('shows what apt says where that fails, and does not advise the same again', async () => {
    const { ok, stderr } = await run({ uid: 0, offered: [], aptFails: true });
    expect(ok).toBe(false);
    expect(stderr).toContain('E: no network\nsetup: apt-get failed');
    expect(stderr.match(/apt-get install/g)).toBeNull();
  });
});
