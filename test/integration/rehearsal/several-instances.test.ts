/** A rehearsal of several instances: one load, one page, one report. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { makeScenario } from '../../support/scenario.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const root = join(import.meta.dirname, '../../..');
const node = join(root, 'node_modules/.bin/node');

async function rehearse(source: string, out: string, ...options: readonly string[]) {
  const args = [join(root, 'src/cli.ts'), 'rehearse', source, '--exit', '--out', out];
  return await execa(node, [...args, ...options], { reject: false, stdin: 'ignore' });
}

it('--count 2 shares the load between two agents, whatever size the scenario has', async () => {
  const settings = 'cluster: { size: 20, quorum: 15, discover: api }\n';
  const source = await makeScenario(await temporaryFolder('shared'), { seconds: 6, settings });
  const out = await temporaryFolder('several');
  const { exitCode, stdout, stderr } = await rehearse(source, out, '--count', '2');
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  expect(stdout.match(/^page: /gm)).toHaveLength(1);
  const [, counted = ''] = /The target counted ([\d,]+) requests/.exec(stdout) ?? [];
  expect(Number(counted)).toBeGreaterThan(20);
  expect(stdout).toMatch(new RegExp(`^all requests +${counted.replace(',', '')} `, 'm'));

  const [, report = ''] = /^report +(.+)$/m.exec(stdout) ?? [];
  expect(report).toContain(join(out, 'instance-1', 'runs'));
  const summary = JSON.parse(await readFile(join(report, '../summary.json'), 'utf8'));
  expect(summary.members.map(({ requests }: { requests: number }) => requests > 0)).toEqual([
    true,
    true,
  ]);
  expect(await readdir(join(out, 'bucket/runs'))).toHaveLength(1);
  expect((await readdir(out)).toSorted()).toEqual([
    '.onager-rehearsal',
    'agent-1.log',
    'agent-2.log',
    'bucket',
    'instance-1',
    'instance-2',
  ]);
});

it('one instance alone fires the whole load of a scenario for several, and says so', async () => {
  const settings = 'cluster: { size: 3 }\n';
  const source = await makeScenario(await temporaryFolder('alone'), { seconds: 2, settings });
  const { exitCode, stdout } = await rehearse(source, await temporaryFolder('out'));
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    'the scenario is for a cluster of 3: one instance fires all of its load here; --count 3 rehearses all',
  );
});

it.each(['0', '101', 'three', '-1'])('--count %s is told as what it is', async (count) => {
  const { exitCode, stderr } = await rehearse(
    '.',
    await temporaryFolder('out'),
    `--count=${count}`,
  );
  expect(exitCode).toBe(64);
  expect(stderr).toContain(`--count "${count}" is not a number from 1 to 100`);
});
