/** The agent's share of a core while 20,000 requests a second arrive, watched and not. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeBundle } from './bundled.ts';
import { tell } from './figure.ts';
import { cpuMsOf, type Instance, startInstance, watch } from './instance.ts';
import { writePlayedTsung } from './played-script.ts';

const perSecond = 20_000;
const [warmUpMs, measuredMs] = [10_000, 30_000];
const limitMs = 120_000;
/** Longer than all that is measured, so that none of it is of the end. */
const seconds = 150;
const load = { rows: perSecond * seconds, names: 50, spread: 4, seconds, isReal: true };

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-share-'));
try {
  const cli = await writeBundle(join(dir, 'bundle'));
  const scenario = join(import.meta.dirname, '../../examples/storefront');
  const fakeTsung = await writePlayedTsung(dir, load);
  const stateDir = join(dir, 'state');
  await using instance = await startInstance({ cli, scenario, stateDir, fakeTsung });
  await instance.phase('running', limitMs);
  await sleep(warmUpMs);
  await tellShare(instance, 'unwatched');
  using _ = watch(instance, 5);
  await sleep(warmUpMs);
  await tellShare(instance, '5 viewers');
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function tellShare(instance: Instance, how: string): Promise<void> {
  const before = { requests: await requestsOf(instance), ms: performance.now() };
  const cpuMs = await cpuMsOf(instance.pid);
  await sleep(measuredMs);
  const usedMs = (await cpuMsOf(instance.pid)) - cpuMs;
  const ms = performance.now() - before.ms;
  const arrived = ((await requestsOf(instance)) - before.requests) / (ms / 1_000);
  const percent = (100 * usedMs) / ms;
  if (arrived < 0.9 * perSecond) throw new Error(`only ${arrived.toFixed(0)} requests/s arrived`);
  tell({
    what: `agent's processor time at 20,000 requests/s, ${how}`,
    ours: `${percent.toFixed(2)} %`,
    yardstick: 'one core',
    goal: '<= 1 %',
    met: percent <= 1,
    note: `${load.names} names; played in real time, so the rate is exact on any machine`,
  });
}

async function requestsOf(instance: Instance): Promise<number> {
  return JSON.parse((await instance.get('/api/summary')).body.toString()).totals.requests;
}
