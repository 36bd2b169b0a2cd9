/** A slow disk: the run takes longer, and nothing else changes. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startSimulation } from '../../../src/rehearsal/simulation.ts';
import { expectWholeBucket, finalSummary, isOver, until } from '../../support/rehearsal.ts';
import { makeScenario } from '../../support/scenario.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { besideTarget } from '../../support/warnings.ts';

const root = join(import.meta.dirname, '../../..');

it('a run on a slow disk is whole, and a wish to stop is heard', async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await temporaryFolder('slow-disk');
  const simulation = stack.use(
    await startSimulation({
      source: await makeScenario(await mkdtemp(join(dir, 'scenario-')), { seconds: 60 }),
      out: dir,
      port: 0,
      vars: {},
      agentCommand: [
        join(root, 'node_modules/.bin/node'),
        ...['--import', join(root, 'test/support/slow-disk.mjs')],
        ...[join(root, 'src/cli.ts'), 'agent'],
      ],
      path: process.env['PATH'] ?? '/usr/bin:/bin',
    }),
  );
  const rehearsed = { simulation, out: dir, [Symbol.asyncDispose]: async () => undefined };
  const { api, target } = simulation;
  await until(rehearsed, ({ phase }) => phase === 'running' && target.served() > 20);
  expect(await api.stop()).toBe(true);
  const run = await until(rehearsed, isOver);
  expect(run.outcome).toEqual({ kind: 'stopped' });
  expect(besideTarget(run)).toEqual([]);
  const { totals } = await finalSummary(rehearsed);
  expect(totals.requests).toBeGreaterThan(15);
  await expectWholeBucket(rehearsed, run);
});
