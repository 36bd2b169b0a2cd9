/** What is said to whoever does not know the commands yet, and how a checkout starts them. */
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/commands/cli/commands.ts';
import { type ExecResult, exec } from '../../../src/exec.ts';
import { version } from '../../../src/version.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const program = join(import.meta.dirname, '../../../bin/onager');

/** From another folder, and with no Node.js but the system's in PATH. */
async function onager(args: readonly string[], path = program): Promise<ExecResult> {
  return await exec(path, { args, cwd: '/', env: { PATH: '/usr/bin:/bin' } });
}

describe('help', () => {
  it.for([{ args: ['-h'] }, { args: ['--help'] }, { args: ['help'] }, { args: [] }])(
    '$args is that of all commands',
    async ({ args }) => {
      const { ok, stdout } = await onager(args);
      expect(ok).toBe(true);
      for (const name of commands.keys()) expect(stdout).toContain(`  onager ${name}`);
    },
  );

  it.for([
    { args: ['help', 'pack'] },
    { args: ['pack', '--help'] },
    { args: ['pack', 'folder', '-h'] },
  ])('$args is that of this command', async ({ args }) => {
    const { ok, stdout } = await onager(args);
    expect(ok).toBe(true);
    expect(stdout).toMatch(/^ {2}onager pack FILE\|DIR/);
    expect(stdout).toContain('--output');
    expect(stdout).not.toContain('onager check');
  });

  it.for([{ args: ['help', 'help'] }, { args: ['help', '--help'] }, { args: ['help', 'version'] }])(
    '$args is that of all',
    async ({ args }) => {
      expect((await onager(args)).stdout).toBe((await onager(['help'])).stdout);
    },
  );

  it.for([{ args: ['help', 'chec'] }, { args: ['chec'] }, { args: ['chec', '--help'] }])(
    '$args is refused',
    async ({ args }) => {
      const { stderr } = await onager(args);
      expect(stderr).toContain('USAGE: unknown command "chec"\n  did you mean check?');
    },
  );
});

it.for(['-v', '--version', 'version'])('%s is the version', async (word) => {
  expect((await onager([word])).stdout).toBe(`${version}\n`);
});

describe('bin/onager', () => {
  it('finds its checkout and Node.js through links, in a folder of any name', async () => {
    const dir = await temporaryFolder('bin');
    const link = join(dir, 'a link');
    await symlink(program, link);
    await symlink(link, join(dir, '#2'));
    expect((await onager(['version'], join(dir, '#2'))).stdout).toBe(`${version}\n`);
  });

  it('says what to do where npm ci has not been run', async () => {
    const clone = join(await temporaryFolder('bin'), 'mein büro');
    await mkdir(join(clone, 'bin'), { recursive: true });
    await copyFile(program, join(clone, 'bin/onager'));
    const { ok, stderr } = await onager(['version'], join(clone, 'bin/onager'));
    expect(ok).toBe(false);
    expect(stderr).toContain(`not installed in ${clone}\n  run \`npm ci\``);
  });
});
