/** The tests of the Erlang modules, run by Erlang's own eunit. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { codePath, compiledModules } from '../../../../../src/engine/tsung/run/erlang.ts';
import { codeFolders, findInstall } from '../../../../../src/engine/tsung/run/install.ts';
import { exec } from '../../../../../src/exec.ts';
import { temporaryFolder } from '../../../../support/temporary.ts';

const sources = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.erl'));

it.concurrent.each(sources)('%s', { timeout: 60_000 }, async (name) => {
  const signal = AbortSignal.timeout(60_000);
  const install = await findInstall();
  const modules = await compiledModules(install, signal);
  const folder = await temporaryFolder('eunit');
  const paths = [...codeFolders(install), join(modules, 'onager'), join(modules, 'tsung'), folder];
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', TMPDIR: folder, HOME: folder };
  const args = ['-o', folder, join(import.meta.dirname, name)];
  const compiled = await exec('erlc', { args, env });
  expect(compiled.ok ? 'compiled' : compiled.stdout + compiled.stderr).toBe('compiled');
  const tests = name.replace(/\.erl$/, '');
  const { ok, stdout } = await exec(install.erl, {
    args: [
      ...['-noshell', '-pa', ...paths, '-eval'],
      `case eunit:test(${tests}, [verbose]) of ok -> halt(0); _ -> halt(1) end.`,
    ],
    env,
    signal,
  });
  expect(ok ? 'passed' : stdout).toBe('passed');
});

it('compiles without a warning', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder('erlc');
  const root = join(import.meta.dirname, '../../../../../src/engine/tsung/erlang');
  const modules = (await readdir(root, { recursive: true })).filter((name) =>
    name.endsWith('.erl'),
  );
  const warnings = [
    '-Werror',
    '+nowarn_deprecated_catch',
    '+warn_export_vars',
    '+warn_shadow_vars',
    '+warn_unused_import',
  ];
  const args = [...warnings, '-o', folder, ...modules.map((name) => join(root, name))];
  const { ok, stdout, stderr } = await exec('erlc', { args });
  expect(ok ? '' : stdout + stderr).toBe('');
});

it('puts our modules before those of Tsung, whatever the path', () => {
  expect(codePath('/a b/ü', true)).toBe("-pa '/a b/ü/onager' '/a b/ü/tsung'");
  expect(codePath("/it's", false)).toBe("-pa '/it'\\''s/onager'");
});
