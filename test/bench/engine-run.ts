/** Fires a scenario at a target of this machine: with Tsung alone, or with Onager's part in it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Plan } from '../../src/engine/engine.ts';
import { compiledModules } from '../../src/engine/tsung/run/erlang.ts';
import { findInstall } from '../../src/engine/tsung/run/install.ts';
import { createPlan } from '../../src/engine/tsung/run/plan.ts';
import { prepare } from '../../src/engine/tsung/scenario/prepare.ts';
import { rewrite } from '../../src/engine/tsung/scenario/rewrite.ts';
import { scenario } from '../support/tsung-run.ts';

export type Way = 'ours' | 'bare';
export const ways: readonly Way[] = ['bare', 'ours'];

type Options = Readonly<{
  way: Way;
  /** For the scenario and the engine's output: is made, and left as it is afterwards. */
  folder: string;
  xml: string;
  /** More arguments for Erlang. */
  erlang?: string;
  onStart?: (child: ChildProcess) => void;
}>;

/** Gives the processor time of Erlang and all it started. */
export async function fireEngine({
  way,
  folder,
  xml,
  erlang = '',
  onStart = () => undefined,
}: Options): Promise<Readonly<{ cpuMs: number; outputDir: string }>> {
  const [scenarioDir, outputDir] = [join(folder, 'scenario'), join(folder, 'out')];
  await mkdir(scenarioDir, { recursive: true });
  await mkdir(outputDir);
  await writeFile(join(scenarioDir, 'tsung.xml'), xml);
  const plan = await planOf(scenarioDir, outputDir);
  for (const { path, content } of plan.files) await writeFile(join(outputDir, path), content);
  const env = way === 'ours' ? plan.env : withoutOurs(plan.env);
  // `times` tells the processor time of the shell, then of its children.
  const child = spawn('sh', ['-c', '"$@" >&2; times', 'sh', ...plan.argv], {
    cwd: plan.cwd,
    env: { ...env, ERL_AFLAGS: `${env['ERL_AFLAGS']} ${erlang}` },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onStart(child);
  const [printed] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const times = [...(printed.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const cpuMs = times.reduce((sum, [, m, s]) => sum + (Number(m) * 60 + Number(s)) * 1_000, 0);
  return { cpuMs, outputDir };
}

/** The same scenario and network, and none of our modules. */
function withoutOurs(env: Plan['env']): Record<string, string> {
  const { ERL_AFLAGS: flags = '', ...others } = env;
  return { ...others, ERL_AFLAGS: flags.replace(/ -eval .*$/, ''), ERL_ZFLAGS: '' };
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

/** 20 users that start at once, each with so many requests on one connection. */
export function saturated(port: number, requests: number): string {
  const users = '<user session="s" start_time="1" unit="second"/>'.repeat(saturatedUsers);
  return scenarioOf(port, users, loop(requests));
}

export const saturatedUsers = 20;

/** `users` a second, each with so many requests to each of `names` addresses. */
export function steady(
  port: number,
  load: Readonly<{ seconds: number; users: number; requests: number; names?: number }>,
): string {
  const users = `<users arrivalrate="${load.users}" unit="second"/>`;
  const phase = `<arrivalphase phase="1" duration="${load.seconds}" unit="second">${users}</arrivalphase>`;
  return scenarioOf(port, phase, loop(load.requests, load.names));
}

function loop(times: number, names = 1): string {
  const requests = Array.from(
    { length: names },
    (_, name) => `<request><http url="/${name}" method="GET" version="1.1"/></request>`,
  );
  return `<for from="1" to="${times}" var="i">${requests.join('')}</for>`;
}

function scenarioOf(port: number, load: string, requests: string): string {
  const sessions = `<session name="s" probability="100" type="ts_http">${requests}</session>`;
  return scenario({ port, load, sessions });
}
