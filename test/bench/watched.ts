/**
 * What Tsung costs under Onager beside Tsung alone: the processor time of its Erlang per request,
 * at a steady rate and as fast as it can, and how much it fires then.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Plan } from '../../src/engine/engine.ts';
import { compiledModules } from '../../src/engine/tsung/run/erlang.ts';
import { findInstall } from '../../src/engine/tsung/run/install.ts';
import { createPlan } from '../../src/engine/tsung/run/plan.ts';
import { prepare } from '../../src/engine/tsung/scenario/prepare.ts';
import { rewrite } from '../../src/engine/tsung/scenario/rewrite.ts';
import { scenario } from '../support/tsung-run.ts';
import { startCounter } from './counter.ts';
import { median, tell } from './figure.ts';

/** 20 kept connections, so many requests on each. */
const saturated = (requests: number): string =>
  scenarioOf(
    '<arrivalphase phase="1" duration="1" unit="second"><users maxnumber="20" arrivalrate="40" unit="second"/></arrivalphase>',
    requests,
  );
/** 1,500 requests per second. */
const steady = (seconds: number): string =>
  scenarioOf(
    `<arrivalphase phase="1" duration="${seconds}" unit="second"><users arrivalrate="75" unit="second"/></arrivalphase>`,
    20,
  );

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-watched-'));
await using counter = await startCounter();
let runs = 0;
try {
  await tellCost('1,500 requests/s', 2, [steady(20), steady(5)], 1.05);
  await tellCost('saturated', 5, [saturated(4_500), saturated(500)], 1.05);
  await tellThroughput(5);
} finally {
  await rm(dir, { recursive: true, force: true });
}

type Fired = Readonly<{ cpuMs: number; requests: number; perSecond: readonly number[] }>;
type Way = 'ours' | 'bare';

/** By the difference of a long and a short run, start and end do not count. */
async function tellCost(
  what: string,
  rounds: number,
  [long, short]: readonly [string, string],
  goal: number,
): Promise<void> {
  const costs: Record<Way, number[]> = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ['bare', 'ours'] as const) {
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
    goal: `<= ${goal}`,
    met: ours / bare <= goal,
    note: `medians of ${rounds}`,
  });
}

async function tellThroughput(rounds: number): Promise<void> {
  const best: Record<Way, number[]> = { ours: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ['bare', 'ours'] as const) {
      const { perSecond } = await fire(way, saturated(10_000));
      best[way].push(Math.max(...perSecond));
    }
  }
  const [ours, bare] = [median(best.ours), median(best.bare)];
  tell({
    what: 'requests in the best second, saturated',
    ours: `${ours}`,
    yardstick: `${bare} (Tsung alone)`,
    ratio: ours / bare,
    goal: '>= 0.95',
    met: ours / bare >= 0.95,
    note: `medians of ${rounds}; the target runs on the same machine`,
  });
}

async function fire(way: Way, xml: string): Promise<Fired> {
  runs += 1;
  const [scenarioDir, outputDir] = [join(dir, `${runs}`, 'scenario'), join(dir, `${runs}`, 'out')];
  await mkdir(scenarioDir, { recursive: true });
  await mkdir(outputDir);
  await writeFile(join(scenarioDir, 'tsung.xml'), xml);
  const plan = await planOf(scenarioDir, outputDir);
  for (const { path, content } of plan.files) await writeFile(join(outputDir, path), content);
  // Alone: the same scenario and network, and none of ours.
  const alone = {
    ERL_AFLAGS: (plan.env['ERL_AFLAGS'] ?? '').replace(/ -eval .*$/, ''),
    ERL_ZFLAGS: '',
  };
  await counter.reset();
  // `times` tells the processor time of the shell, then of its children.
  const child = spawn('sh', ['-c', '"$@" >&2; times', 'sh', ...plan.argv], {
    cwd: plan.cwd,
    env: way === 'ours' ? plan.env : { ...plan.env, ...alone },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const times = [...(printed.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuMs = times.reduce((sum, [, m, s]) => sum + (Number(m) * 60 + Number(s)) * 1_000, 0);
  const perSecond = await counter.perSecond();
  return { cpuMs, requests: perSecond.reduce((sum, count) => sum + count, 0), perSecond };
}

async function planOf(scenarioDir: string, outputDir: string): Promise<Plan> {
  const install = await findInstall();
  const files = ['tsung.xml'];
  const prepared = await prepare(
    { dir: scenarioDir, files, entry: 'tsung.xml', vars: {} },
    install.dtd,
  );
  const memoryBytes = 2 * 1024 ** 3;
  const machine = { outputDir, cpus: 2, memoryBytes, samples: true, names: 'template' } as const;
  const rewritten = rewrite({ prepared, machine, dtd: install.dtd });
  const modules = await compiledModules(install, AbortSignal.timeout(60_000));
  const limits = { durationMs: 600_000, minFreeBytes: 0 };
  return createPlan({ install, prepared, rewritten, machine, modules, limits });
}

function scenarioOf(load: string, requests: number): string {
  const request = '<request><http url="/a" method="GET" version="1.1"/></request>';
  const sessions = `<session name="s" probability="100" type="ts_http"><for from="1" to="${requests}" var="i">${request}</for></session>`;
  return scenario({ port: counter.port, load, sessions });
}
