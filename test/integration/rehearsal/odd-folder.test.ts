/** A checkout, a scenario and a rehearsal may lie in a folder of any name. */
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exec } from '../../../src/exec.ts';
import { beginRehearsalOf, finalSummary, isOver, until } from '../../support/rehearsal.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');
/** Each of these is special to a URL, a shell, Tsung's script, Erlang or XML. */
const name = `mein büro #1 50%25 %%_x%% 名 "q" 'a' $HOME \`id\` & <b>`;

describe(`a folder named ${name}`, () => {
  it('can hold a whole rehearsal and its scenario, and the report can be made again', async () => {
    const dir = join(await temporaryFolder('odd'), name);
    const out = join(dir, 'out');
    await mkdir(out, { recursive: true });
    await cp(join(root, 'examples/login'), join(dir, 'login'), { recursive: true });
    await using rehearsed = await beginRehearsalOf(join(dir, 'login'), {}, out);
    const run = await until(rehearsed, isOver);

    expect(run).toMatchObject({ problems: [], outcome: { kind: 'complete' } });
    expect(run.warnings.filter(({ code }) => code !== 'TARGET_LOOPBACK')).toEqual([]);
    const { totals } = await finalSummary(rehearsed);
    expect(totals.requests).toBe(rehearsed.simulation.target.served());
    expect(totals.requests).toBeGreaterThan(10);

    const again = join(dir, 'again');
    const runDir = join(out, 'instance/runs', run.runId);
    const { stderr } = await onager(root, ['report', runDir, '--out', again]);
    expect(stderr).toBe('');
    const summary = JSON.parse(await readFile(join(again, 'summary.json'), 'utf8'));
    expect(summary.totals).toEqual(totals);
  });

  it('can hold a checkout: its page is built, and its commands work', async () => {
    const clone = join(await temporaryFolder('odd'), name);
    for (const part of ['src', 'scripts', 'examples', 'package.json'])
      await cp(join(root, part), join(clone, part), { recursive: true });
    await symlink(join(root, 'node_modules'), join(clone, 'node_modules'));

    const build = await exec(node, { args: [join(clone, 'scripts/build-page.ts')] });
    expect(build).toMatchObject({ ok: true, stdout: expect.stringContaining('dist/page.html') });
    const check = await onager(clone, [
      'check',
      'examples/minimal',
      '--var',
      'TARGET_HOST=192.0.2.1',
      '--var',
      'TARGET_PORT=80',
    ]);
    expect(check.stdout).toMatch(/^ok: zip, tsung starts from tsung.xml/);
  });
});

async function onager(clone: string, args: readonly string[]) {
  return await exec(node, { args: [join(clone, 'src/cli.ts'), ...args], cwd: clone });
}
