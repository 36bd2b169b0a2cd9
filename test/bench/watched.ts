/**
 * What Tsung costs under Onager beside Tsung alone: the processor time of its Erlang per request,
 * at a steady rate and as fast as it can, and how much it fires then while five viewers watch.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBundle } from './bundled.ts';
import { startCounter } from './counter.ts';
import { fireEngine, saturated, saturatedUsers, steady, type Way, ways } from './engine-run.ts';
import { median, tell } from './figure.ts';
import { startInstance, watch } from './instance.ts';

const viewers = 5;
const dir = await mkdtemp(join(tmpdir(), 'onager-bench-watched-'));
await using counter = await startCounter();
let runs = 0;
try {
  const [long, short] = [20, 5].map((seconds) =>
    steady(counter.port, { seconds, users: 75, requests: 20 }),
  );
  await tellCost('1,500 requests/s', 2, [long ?? '', short ?? '']);
  await tellCost('saturated', 5, [saturated(counter.port, 4_500), saturated(counter.port, 500)]);
  await tellThroughput(5, 10_000);
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** By the difference of a long and a short run, start and end do not count. */
async function tellCost(
  what: string,
  rounds: number,
  [long, short]: readonly [string, string],
): Promise<void> {
  const costs: Record<Way, number[]> = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      const [more, less] = [await fire(way, long), await fire(way, short)];
      costs[way].push((more.cpuMs - less.cpuMs) / (more.requests - less.requests));
    }
  }
  const [ours, bare] = [median(costs.ours), median(costs.bare)];
  tell({
    what: `processor time of Erlang per request, ${what}`,
    ours: `${ours.toFixed(4)} ms`,
    yardstick: `${bare.toFixed(4)} ms (Tsung alone)`,
    ratio: ours / bare,
    goal: '<= 1.05',
    met: ours / bare <= 1.05,
    note: `medians of ${rounds}`,
  });
}

async function tellThroughput(rounds: number, requests: number): Promise<void> {
  const cli = await writeBundle(join(dir, 'bundle'));
  const best: Record<Way, number[]> = { ours: [], bare: [] };
  const mean: Record<Way, number[]> = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      await counter.reset();
      const xml = saturated(counter.port, requests);
      if (way === 'bare') await fireEngine({ way, folder: nextFolder(), xml });
      else await fireWatched(cli, xml);
      const { total, perSecond, ms } = await counter.counted();
      // Fewer are other work: a run that did not come to its end.
      if (total !== saturatedUsers * requests) throw new Error(`${way}: ${total} requests`);
      best[way].push(Math.max(...perSecond));
      mean[way].push((total * 1_000) / ms);
    }
  }
  for (const [what, { ours, bare }] of Object.entries({ 'best second': best, mean })) {
    const ratio = median(ours) / median(bare);
    tell({
      what: `requests/s, saturated, ${what}, ${viewers} viewers`,
      ours: median(ours).toFixed(0),
      yardstick: `${median(bare).toFixed(0)} (Tsung alone)`,
      ratio,
      goal: '>= 0.95',
      met: ratio >= 0.95,
      note:
        `medians of ${rounds} runs of ${saturatedUsers * requests} requests; ` +
        'target, agent and viewers share this machine with Tsung',
    });
  }
}

/** The whole run on an instance, with viewers of its page. */
async function fireWatched(cli: string, xml: string): Promise<void> {
  const folder = nextFolder();
  const scenario = join(folder, 'scenario');
  await mkdir(scenario, { recursive: true });
  await writeFile(join(scenario, 'tsung.xml'), xml);
  await using instance = await startInstance({ cli, scenario, stateDir: join(folder, 'state') });
  using _ = watch(instance, viewers);
  await instance.phase('finished', 120_000);
}

async function fire(way: Way, xml: string): Promise<{ cpuMs: number; requests: number }> {
  await counter.reset();
  const { cpuMs } = await fireEngine({ way, folder: nextFolder(), xml });
  return { cpuMs, requests: (await counter.counted()).total };
}

function nextFolder(): string {
  runs += 1;
  return join(dir, String(runs));
}
