/**
 * How fast the page answers beside thousands of hostile connections, and the load and memory
 * meanwhile.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeScenario } from '../support/scenario.ts';
import { portOf } from '../support/tsung-run.ts';
import { writeBundle } from './bundled.ts';
import { median, tell } from './figure.ts';
import { cpuMsOf, type Instance, startInstance } from './instance.ts';

const connections = 2_000;
/** How long an attacker waits before it opens a connection that was closed again. */
const pauseMs = 1_000;
const asks = 150;
const three = ['slow bodies', 'readers that never read', 'pipelining'];
const attacks: readonly (readonly string[])[] = [[], ...three.map((kind) => [kind]), three, []];

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-crowd-'));
let served = 0;
const target = createServer((_, response) => {
  served += 1;
  response.end('hello');
});
target.listen(0, '127.0.0.1');
await once(target, 'listening');
try {
  const cli = await writeBundle(join(dir, 'bundle'));
  const scenario = await makeScenario(dir, { seconds: 900, rate: 50 });
  const targetPort = portOf(target.address());
  await using instance = await startInstance({
    cli,
    scenario,
    stateDir: join(dir, 'state'),
    targetPort,
  });
  // The attackers stand for other machines: they get the processor time that the agent leaves.
  await writeFile(`/proc/${instance.pid}/autogroup`, '0');
  await instance.phase('running', 120_000);
  await sleep(5_000);
  for (const [index, kinds] of attacks.entries()) await tellOf(instance, kinds, index > 0);
  await instance.stop();
  await instance.phase('finished', 60_000);
} finally {
  target.close();
  await rm(dir, { recursive: true, force: true });
}

async function tellOf(
  instance: Instance,
  kinds: readonly string[],
  isLater: boolean,
): Promise<void> {
  const attackers = await Promise.all(kinds.map((kind) => attack(instance.url, kind)));
  const before = { served, cpuMs: await cpuMsOf(instance.pid), ms: performance.now() };
  const times: number[] = [];
  let failed = 0;
  for (let count = 0; count < asks; count += 1) {
    const from = performance.now();
    const path = count % 2 === 0 ? '/healthz' : '/api/summary';
    const answer = await instance.get(path).catch(() => undefined);
    if (answer?.status !== 200) failed += 1;
    times.push(performance.now() - from);
    await sleep(20);
  }
  const seconds = (performance.now() - before.ms) / 1_000;
  const rate = (served - before.served) / seconds;
  const percent = ((await cpuMsOf(instance.pid)) - before.cpuMs) / seconds / 10;
  const rss = await rssOf(instance.pid);
  for (const attacker of attackers) attacker.kill('SIGKILL');
  const p95 = times.toSorted((a, b) => a - b)[Math.floor(asks * 0.95)] ?? Number.NaN;
  const name = kinds.length === 0 ? 'nobody else' : `${connections} each of ${kinds.join(', ')}`;
  tell({
    what: `page, p95 beside ${name}${kinds.length === 0 && isLater ? ', afterwards' : ''}`,
    ours: `${p95.toFixed(0)} ms`,
    yardstick: '',
    goal: '<= 200 ms, all answered',
    met: p95 <= 200 && failed === 0,
    note:
      `p50 ${median(times).toFixed(1)} ms; ${failed} of ${asks} not answered; load ${rate.toFixed(0)} requests/s; ` +
      `agent ${(rss / 1e6).toFixed(0)} MB, ${percent.toFixed(0)} % of a core`,
  });
}

async function attack(url: string, kind: string): Promise<ChildProcess> {
  const program = join(import.meta.dirname, '../support/page-attacker.ts');
  const args = [new URL(url).port, kind, String(connections), String(pauseMs), '1'];
  const child = fork(program, args, { detached: true });
  await writeFile(`/proc/${child.pid}/autogroup`, '5');
  await once(child, 'message');
  return child;
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}
