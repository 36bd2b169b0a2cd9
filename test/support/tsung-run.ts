/** Runs a scenario on the real Tsung by its plan, and adds up what is read from its output. */

import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Exit, LoadShare, Machine, Outcome, Plan, Sampling } from '../../src/engine/engine.ts';
import type { Interval, SampleBatch, SecondTotals } from '../../src/engine/samples.ts';
import { compiledModules } from '../../src/engine/tsung/run/erlang.ts';
import { findInstall } from '../../src/engine/tsung/run/install.ts';
import { createPlan } from '../../src/engine/tsung/run/plan.ts';
import { prepare } from '../../src/engine/tsung/scenario/prepare.ts';
import { rewrite } from '../../src/engine/tsung/scenario/rewrite.ts';
import { tsung } from '../../src/engine/tsung/tsung.ts';

export type Run = Readonly<{
  dir: string;
  plan: Plan;
  sampling: Sampling;
  outcome: Outcome;
  /** What was measured, by `<kind> <name>`; `failed`: of requests. */
  counts: ReadonlyMap<string, number>;
  failed: number;
  /** The sum of all their durations, in microseconds. */
  requestsUs: number;
  seconds: readonly SecondTotals[];
  /** Requests without an answer when the load ended. */
  inFlight: number;
  intervals: readonly Interval[];
  unreadable: number;
}>;

export type RunOptions = Readonly<{
  /** Files of the scenario; the entry is `tsung.xml`. */
  files: Readonly<Record<string, string>>;
  samples?: Machine['samples'];
  names?: Machine['names'];
  tlsVerify?: boolean;
  /** Absent: all of the load. */
  share?: LoadShare;
  /** Called once the load is running. */
  onRunning?: (plan: Plan, pid: number) => Promise<void>;
  vars?: Readonly<Record<string, string>>;
  /** Used instead of the installed one. */
  script?: string;
  /** What is run is this, in place of what was planned. */
  changed?: (plan: Plan) => Plan;
}>;

/** Runs in a folder that the caller gives and removes. */
export async function runTsungIn(root: string, options: RunOptions): Promise<Run> {
  const [scenarioDir, dir] = [join(root, 'scenario'), join(root, 'engine')];
  await mkdir(scenarioDir);
  await mkdir(dir);
  for (const [name, text] of Object.entries(options.files)) {
    await writeFile(join(scenarioDir, name), text);
  }
  const planned = await planOf(scenarioDir, dir, options);
  const plan = options.changed?.(planned) ?? planned;
  for (const { path, content } of plan.files) await writeFile(join(dir, path), content);

  let hasEnded = false;
  const startedAt = new Date().toISOString();
  const [program, ...args] = plan.argv;
  const child = execa(options.script ?? program, args, {
    cwd: plan.cwd,
    env: plan.env,
    extendEnv: false,
    reject: false,
    timeout: 90_000,
  });
  const exit = child.then(async (result): Promise<Exit> => {
    await writeFile(join(dir, 'stdout.log'), result.stdout);
    await writeFile(join(dir, 'stderr.log'), result.stderr);
    hasEnded = true;
    return {
      startedAt,
      endedAt: new Date().toISOString(),
      ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
      ...(result.signal === undefined ? {} : { signal: result.signal }),
      reason: 'ended',
    };
  });

  const totals = createTotals();
  let isRunning = false;
  const output = { dir, hasEnded: async () => hasEnded };
  for await (const batch of tsung.read(output, plan, AbortSignal.timeout(90_000))) {
    totals.add(batch);
    if (isRunning || batch.type !== 'interval' || (batch.users ?? 0) === 0) continue;
    isRunning = true;
    await options.onRunning?.(plan, child.pid ?? 0);
  }
  return {
    dir,
    plan,
    sampling: plan.sampling,
    outcome: await tsung.outcome(output, await exit),
    ...totals.now(),
  };
}

/** Skips the check: what Tsung does with a wrong scenario is of interest, too. */
async function planOf(
  scenarioDir: string,
  outputDir: string,
  { files, samples = true, names = 'template', tlsVerify = false, vars = {}, share }: RunOptions,
): Promise<Plan> {
  const install = await findInstall();
  const scenario = { dir: scenarioDir, files: Object.keys(files), entry: 'tsung.xml', vars };
  const prepared = await prepare(scenario, install.dtd);
  const machine = { outputDir, cpus: 2, memoryBytes: 2 * 1024 ** 3, samples, names, tlsVerify };
  const rewritten = rewrite({ prepared, machine, dtd: install.dtd, share });
  const limits = { durationMs: 60_000, minFreeBytes: 0 };
  const modules = await compiledModules(install, AbortSignal.timeout(60_000));
  return createPlan({ install, prepared, rewritten, machine, modules, limits, share });
}

/** To Tsung's virtual machine, for which its script (`pid`) waits. */
export async function killErlang(pid: number, signal: NodeJS.Signals): Promise<void> {
  const { stdout } = await execa('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  for (const child of stdout.trim().split(/\s+/)) process.kill(Number(child), signal);
}

type Totals = Pick<
  Run,
  'counts' | 'failed' | 'requestsUs' | 'seconds' | 'inFlight' | 'intervals' | 'unreadable'
>;

/** Adds up what batches contain. */
export function createTotals(): Readonly<{ add(batch: SampleBatch): void; now(): Totals }> {
  const counts = new Map<string, number>();
  const intervals: Interval[] = [];
  const seconds: SecondTotals[] = [];
  let [failed, requestsUs, inFlight, unreadable] = [0, 0, 0, 0];

  function addTotals(second: SecondTotals): void {
    seconds.push(second);
    inFlight += second.inFlight ?? 0;
    for (const { kind, name, count, error, status, sumUs } of second.totals) {
      const key = `${kind} ${name}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
      if (kind !== 'request') continue;
      requestsUs += sumUs;
      if (error !== '' || status >= 400) failed += count;
    }
  }

  return {
    add(batch) {
      if (batch.type === 'interval') intervals.push(batch);
      else if (batch.type === 'unreadable') unreadable += batch.count;
      else if (batch.type === 'totals') addTotals(batch);
    },
    now: () => ({ counts, failed, requestsUs, seconds, inFlight, intervals, unreadable }),
  };
}

/** A target that counts what it serves; `/fails` answers 500, and `/closes` does not answer. */
export async function startTarget(): Promise<
  AsyncDisposable & Readonly<{ port: number; served: () => number }>
> {
  let served = 0;
  const server = createServer((request, response) => {
    served += 1;
    if (request.url === '/closes') {
      request.socket.destroy();
      return;
    }
    response.statusCode = request.url === '/fails' ? 500 : 200;
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.address()),
    served: () => served,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** A scenario with this load and these sessions, written as for another machine. */
export function scenario(
  parts: Readonly<{
    port: number;
    load: string;
    sessions: string;
    options?: string;
    /** Of the target's server; plain TCP if absent. */
    type?: string;
  }>,
): string {
  return `<?xml version="1.0"?>
<!DOCTYPE tsung SYSTEM "/opt/elsewhere/tsung-1.0.dtd">
<tsung loglevel="notice" version="1.0">
<clients><client host="some-other-machine" maxusers="100"/></clients>
<servers><server host="127.0.0.1" port="${parts.port}" type="${parts.type ?? 'tcp'}"/></servers>
<load>${parts.load}</load>
<options>${parts.options ?? ''}</options>
<sessions>${parts.sessions}</sessions>
</tsung>
`;
}
