/**
 * What a load costs that comes from three members instead of one, on the same cores: requests a
 * second of a saturated generator. Members, agents and target share this machine.
 */

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulation } from '../../src/rehearsal/simulation.ts';
import { isOver } from '../../src/run/state.ts';
import { readRunState } from '../../src/run/store.ts';
import { writeBundle } from './bundled.ts';
import { startCounter } from './counter.ts';
import { saturated, saturatedUsers } from './engine-run.ts';
import { median, tell } from './figure.ts';

const rounds = 3;
const requests = 6_000;
const counts = [1, 3] as const;

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-together-'));
await using counter = await startCounter();
try {
  const cli = await writeBundle(join(dir, 'bundle'));
  const scenario = join(dir, 'scenario');
  await mkdir(scenario);
  await writeFile(join(scenario, 'tsung.xml'), saturated(counter.port, requests));
  const perSecond: Record<(typeof counts)[number], number[]> = { 1: [], 3: [] };
  const best: Record<(typeof counts)[number], number[]> = { 1: [], 3: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const count of counts) {
      await counter.reset();
      await fire(cli, scenario, count, join(dir, `${round}-${count}`));
      const counted = await counter.counted();
      if (counted.total !== saturatedUsers * requests)
        throw new Error(`${count} members: ${counted.total} requests`);
      perSecond[count].push((counted.total * 1_000) / counted.ms);
      best[count].push(Math.max(...counted.perSecond));
    }
  }
  for (const [what, of] of Object.entries({ 'best second': best, mean: perSecond })) {
    const [one, three] = [median(of[1]), median(of[3])];
    tell({
      what: `requests/s, saturated, three members, ${what}`,
      ours: three.toFixed(0),
      yardstick: `${one.toFixed(0)} (one member on the same cores)`,
      ratio: three / one,
      goal: '>= 0.95',
      met: three / one >= 0.95,
      note: `medians of ${rounds} runs of ${saturatedUsers * requests} requests`,
    });
  }
} finally {
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

async function fire(cli: string, source: string, count: number, out: string): Promise<void> {
  await mkdir(out);
  await using simulation = await startSimulation({
    source,
    out,
    count,
    port: 0,
    vars: {},
    agentCommand: [process.execPath, cli, 'agent'],
    path: '/usr/bin:/bin',
  });
  const runs = join(simulation.instanceDir, 'runs');
  for (;;) {
    const [run] = await readdir(runs).catch(() => []);
    const state = run === undefined ? undefined : await readRunState(join(runs, run, 'run.json'));
    if (state !== undefined && isOver(state)) return;
    await sleep(500);
  }
}
