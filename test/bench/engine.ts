/** What the agent costs the engine: throughput under it with five viewers beside the bare engine, and its processor time at 2,000 samples a second. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tsung } from '../../src/engine/tsung/tsung.ts';
import { portOf } from '../support/tsung-run.ts';
import { writeBundle } from './bundled.ts';
import { tell } from './figure.ts';
import { cpuMsOf, type Instance, startInstance } from './instance.ts';

const rounds = 4;
const viewers = 5;
/** Two machines side by side: the instance has one processor for all of its own, the target and the viewers have the other. */
const cpus = { target: '0', instance: '1' };
const limitMs = 60_000;
/** As fast as they can: twenty users, each with so many requests one after the other; long enough for the start not to matter. */
const full = {
  load: '<user session="s" start_time="1" unit="second"/>'.repeat(20),
  requests: 48_000,
};
/** 2,000 requests a second. */
const steady = {
  load: '<arrivalphase phase="1" duration="25" unit="second"><users maxnumber="500" arrivalrate="20" unit="second"/></arrivalphase>',
  requests: 100,
};

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-engine-'));
let served = { count: 0, firstMs: 0, lastMs: 0 };
const target = createServer((_, response) => {
  const nowMs = performance.now();
  if (served.count === 0) served.firstMs = nowMs;
  served.count += 1;
  served.lastMs = nowMs;
  response.end('hello');
});
target.listen(0, '127.0.0.1');
await once(target, 'listening');
execFileSync('taskset', ['-acp', cpus.target, String(process.pid)]);
const targetPort = portOf(target.address());
try {
  const cli = await writeBundle(join(dir, 'bundle'));
  const [fast, slow] = [await writeScenario('full', full), await writeScenario('steady', steady)];
  // The target gets faster while it is new: that must not be anybody's advantage.
  const short = await writeScenario('short', { ...full, requests: 4_000 });
  await bareRun(short, join(dir, 'bare-short'));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const bare = async (): Promise<void> => {
      theirs.push(await rateOf(() => bareRun(fast, join(dir, `bare-${round}`))));
    };
    const watched = async (): Promise<void> => {
      ours.push(await rateOf(() => watchedToItsEnd(cli, fast, join(dir, `state-${round}`))));
    };
    // Whatever else the machine does meets both alike.
    for (const run of round % 2 === 0 ? [bare, watched] : [watched, bare]) await run();
  }
  const [a, b] = [mean(ours), mean(theirs)];
  const ratio = a / b;
  tell({
    what: `engine throughput, ${viewers} viewers`,
    ours: `${a.toFixed(0)}/s`,
    yardstick: `${b.toFixed(0)}/s (bare engine)`,
    ratio,
    goal: '>= 0.98',
    met: ratio >= 0.98,
    note: `engine, agent and its host on one processor, target and viewers on another; a second, by rounds: ${told(ours)} against ${told(theirs)}`,
  });
  await tellCpu(cli, slow);
} finally {
  target.close();
  await rm(dir, { recursive: true, force: true });
}

// A median of few rounds would say less: none of them is an outlier.
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function told(rates: readonly number[]): string {
  return rates.map((rate) => rate.toFixed(0)).join(', ');
}

async function tellCpu(cli: string, scenario: string): Promise<void> {
  await using instance = await watchedRun(cli, scenario, join(dir, 'state-steady'));
  await sleep(8_000);
  const before = { cpuMs: await cpuMsOf(instance.pid), count: served.count, ms: performance.now() };
  await sleep(14_000);
  const ms = performance.now() - before.ms;
  const percent = (100 * ((await cpuMsOf(instance.pid)) - before.cpuMs)) / ms;
  tell({
    what: `agent's processor time at 2,000 samples/s, ${viewers} viewers`,
    ours: `${percent.toFixed(1)} %`,
    yardstick: 'one core',
    goal: '<= 5 %',
    met: percent <= 5,
    note: `${(((served.count - before.count) / ms) * 1_000).toFixed(0)} requests/s were served meanwhile`,
  });
  await instance.phase('finished', limitMs);
}

async function watchedToItsEnd(cli: string, scenario: string, stateDir: string): Promise<void> {
  await using instance = await watchedRun(cli, scenario, stateDir);
  await instance.phase('finished', limitMs);
}

async function rateOf(run: () => Promise<void>): Promise<number> {
  served = { count: 0, firstMs: 0, lastMs: 0 };
  await run();
  return (served.count * 1_000) / (served.lastMs - served.firstMs);
}

/** The plan that the agent would have made, and nobody who reads along. */
async function bareRun(scenario: string, outputDir: string): Promise<void> {
  const plan = await tsung.plan(
    {
      dir: scenario,
      files: ['tsung.xml'],
      entry: 'tsung.xml',
      vars: { TARGET_PORT: String(targetPort) },
    },
    { outputDir, cpus: 1, memoryBytes: 2 * 1024 ** 3, samples: true },
    { durationMs: limitMs, minFreeBytes: 0 },
  );
  for (const { path, content } of plan.files) {
    const file = join(outputDir, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  // In a session of its own, as under the agent: the kernel shares processors out by session first (autogroup).
  const child = spawn('taskset', ['-c', cpus.instance, ...plan.argv], {
    cwd: plan.cwd,
    env: plan.env,
    stdio: 'ignore',
    detached: true,
  });
  await once(child, 'exit');
}

/** Resolves once the load runs and is looked at. */
async function watchedRun(cli: string, scenario: string, stateDir: string): Promise<Instance> {
  const instance = await startInstance({
    cli,
    scenario,
    stateDir,
    targetPort,
    cpu: cpus.instance,
  });
  const looking: ChildProcess[] = Array.from({ length: viewers }, () =>
    spawn(
      'curl',
      ['-sN', '-H', `authorization: Bearer ${instance.key}`, `${instance.url}/api/events`],
      { stdio: 'ignore' },
    ),
  );
  await instance.phase('running', limitMs);
  return {
    ...instance,
    async [Symbol.asyncDispose]() {
      for (const viewer of looking) viewer.kill();
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
