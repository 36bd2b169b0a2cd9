/**
 * What the agent costs the engine: the engine's throughput with and without it while five viewers
 * watch, and the agent's processor time at 2,000 samples per second.
 */

import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFired } from '../../src/engine/handover/process-file.ts';
import { portOf } from '../support/tsung-run.ts';
import { writeBundle } from './bundled.ts';
import { tell } from './figure.ts';
import { cpuMsOf, type Instance, startInstance, watch } from './instance.ts';

const viewers = 5;
const limitMs = 60_000;
/**
 * The machine's own speed drifts by a tenth in a minute: only seconds next to each other can be
 * compared.
 */
const windowMs = 1_700;
const pairs = 60;
const warmUpMs = 12_000;
/**
 * As fast as possible: twenty users, each with more consecutive requests than there is time for.
 */
const full = {
  load: '<user session="s" start_time="1" unit="second"/>'.repeat(20),
  requests: 4_000_000,
};
/** 2,000 requests per second. */
const steady = {
  load: '<arrivalphase phase="1" duration="25" unit="second"><users maxnumber="500" arrivalrate="20" unit="second"/></arrivalphase>',
  requests: 100,
};

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-engine-'));
let served = 0;
const target = createServer((_, response) => {
  served += 1;
  response.end('hello');
});
target.listen(0, '127.0.0.1');
await once(target, 'listening');
const targetPort = portOf(target.address());
try {
  const cli = await writeBundle(join(dir, 'bundle'));
  const [fast, slow] = [await writeScenario('full', full), await writeScenario('steady', steady)];
  await tellThroughput(cli, fast);
  await tellCpu(cli, slow);
} finally {
  target.close();
  await rm(dir, { recursive: true, force: true });
}

/**
 * One run in which the agent and the supervisor are stopped and continued in turns: while they are
 * stopped, the engine is alone. Afterwards they read what has piled up, so in their turns they do
 * the work of both: half of the difference is their cost.
 */
async function tellThroughput(cli: string, scenario: string): Promise<void> {
  await using instance = await watchedRun(cli, scenario, join(dir, 'state-full'));
  const host = (await readFired(await instance.engineDir()))?.pid;
  if (host === undefined) throw new Error('the engine has no host');
  const send = (signal: NodeJS.Signals): void => {
    for (const pid of [host, instance.pid]) process.kill(pid, signal);
  };
  // If it ends by its time limit, it leaves nothing frozen behind.
  process.once('SIGTERM', () => {
    send('SIGCONT');
    process.exit(1);
  });
  await sleep(warmUpMs);
  const [alone, both]: [number[], number[]] = [[], []];
  try {
    for (let pair = 0; pair < pairs; pair += 1) {
      send('SIGSTOP');
      alone.push(await rateOf(windowMs));
      send('SIGCONT');
      both.push(await rateOf(windowMs));
    }
  } finally {
    send('SIGCONT');
  }
  const costs = alone.map((rate, pair) => (rate - (both[pair] ?? Number.NaN)) / 2);
  const [engine, cost] = [mean(alone), mean(costs)];
  const spread = Math.sqrt(mean(costs.map((its) => (its - cost) ** 2)) / pairs) / engine;
  const ratio = 1 - cost / engine;
  tell({
    what: `engine throughput, ${viewers} viewers`,
    ours: `${(engine - cost).toFixed(0)}/s`,
    yardstick: `${engine.toFixed(0)}/s (engine alone)`,
    ratio,
    goal: '>= 0.98',
    met: ratio >= 0.98,
    note: `standard error ${spread.toFixed(3)}; engine, agent, target and viewers share this machine's processors`,
  });
  await instance.stop();
  await instance.phase('finished', limitMs);
}

/** Requests served per second. */
async function rateOf(ms: number): Promise<number> {
  const [before, startedMs] = [served, performance.now()];
  await sleep(ms);
  return ((served - before) * 1_000) / (performance.now() - startedMs);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function tellCpu(cli: string, scenario: string): Promise<void> {
  await using instance = await watchedRun(cli, scenario, join(dir, 'state-steady'));
  await sleep(8_000);
  const before = { cpuMs: await cpuMsOf(instance.pid), count: served, ms: performance.now() };
  await sleep(14_000);
  const ms = performance.now() - before.ms;
  const percent = (100 * ((await cpuMsOf(instance.pid)) - before.cpuMs)) / ms;
  tell({
    what: `agent's processor time at 2,000 samples/s, ${viewers} viewers`,
    ours: `${percent.toFixed(1)} %`,
    yardstick: 'one core',
    goal: '<= 5 %',
    met: percent <= 5,
    note: `${(((served - before.count) / ms) * 1_000).toFixed(0)} requests/s were served meanwhile`,
  });
  await instance.phase('finished', limitMs);
}

/** Resolves once the load is running and has viewers. */
async function watchedRun(cli: string, scenario: string, stateDir: string): Promise<Instance> {
  const instance = await startInstance({ cli, scenario, stateDir, targetPort });
  const looking = watch(instance, viewers);
  await instance.phase('running', limitMs);
  return {
    ...instance,
    async [Symbol.asyncDispose]() {
      looking[Symbol.dispose]();
      await instance[Symbol.asyncDispose]();
    },
  };
}

async function writeScenario(name: string, { load, requests }: typeof full): Promise<string> {
  const folder = join(dir, name);
  await mkdir(folder);
  await writeFile(
    join(folder, 'tsung.xml'),
    `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "tsung-1.0.dtd">
<tsung loglevel="notice">
<clients><client host="localhost" maxusers="1000"/></clients>
<servers><server host="127.0.0.1" port="\${TARGET_PORT}" type="tcp"/></servers>
<load>${load}</load>
<sessions><session name="s" probability="100" type="ts_http">
<for from="1" to="${requests / 2}" var="i">
<request><http url="/one" method="GET"/></request><request><http url="/two" method="GET"/></request>
</for></session></sessions>
</tsung>
`,
  );
  return folder;
}
