/**
 * How many requests a second one core fires: from the processor time that each takes, so that other
 * work on the machine does not count. `--write`: as the figure by which `onager check` reckons.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownEngine } from '../../src/engine/registry.ts';
import { startCounter } from './counter.ts';
import { fireEngine, steady } from './engine-run.ts';
import { median, tell } from './figure.ts';

const rounds = 3;
/** As users of a shop do: a connection each, and a few requests on it. */
const load = { users: 400, requests: 5 };
const [shortSeconds, longSeconds] = [4, 14];

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-capacity-'));
try {
  const perSecond: number[] = [];
  for (let round = 0; round < rounds; round += 1) perSecond.push(await measured(round));
  const requestsPerSecond = Math.round(median(perSecond) / 100) * 100;
  const cpu = cpus()[0]?.model ?? 'unknown';
  tell({
    what: 'requests a second that one core fires',
    ours: `${requestsPerSecond}`,
    yardstick: '',
    goal: '',
    met: true,
    note: `${cpu}; small HTTP answers, no TLS, ${load.requests} requests a connection; from processor time, median of ${rounds}: ${perSecond.map((one) => one.toFixed(0)).join(', ')}`,
  });
  if (process.argv.includes('--write')) await write(requestsPerSecond, cpu);
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** What the start of Erlang takes is in both, and so in neither. */
async function measured(round: number): Promise<number> {
  const short = await fired(shortSeconds, round);
  const long = await fired(longSeconds, round);
  return (long.requests - short.requests) / ((long.cpuMs - short.cpuMs) / 1_000);
}

async function fired(seconds: number, round: number) {
  await using counter = await startCounter();
  const xml = steady(counter.port, { ...load, seconds });
  const { cpuMs } = await fireEngine({
    way: 'ours',
    folder: join(dir, `${round}-${seconds}`),
    xml,
  });
  return { cpuMs, requests: (await counter.counted()).total };
}

async function write(requestsPerSecond: number, cpu: string): Promise<void> {
  const { engine, runtime } = await knownEngine('tsung').version(AbortSignal.timeout(60_000));
  const date = new Date().toISOString().slice(0, 10);
  const figure = { requestsPerSecond, date, cpu, engine: `tsung ${engine}`, runtime };
  const path = join(import.meta.dirname, '../../src/engine/tsung/capacity.json');
  await writeFile(path, `${JSON.stringify(figure, undefined, 2)}\n`);
}
