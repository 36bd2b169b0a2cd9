/**
 * How much disk an hour of 5,000 requests per second takes: what the recorder writes of a tenth of
 * it, with the time between its seconds left out, and what a real run at that rate writes in 30 s.
 */

import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCounter } from './counter.ts';
import { fireEngine, steady } from './engine-run.ts';
import { runLoop } from './erlang-loop.ts';
import { tell } from './figure.ts';

const [perSecond, names, realSeconds] = [5_000, 50, 30];
const goal = 50e6;

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-disk-'));
try {
  for (const spread of [2, 8]) {
    const bytes = await recordedMinutes(spread);
    tellBytes(`an hour, durations of each name over ${spread} doublings`, bytes, 'records alone');
  }
  const { bytes, rate } = await realRun();
  tellBytes(
    `${realSeconds} s of a real run, as an hour`,
    (bytes * 3_600 * perSecond) / (rate * realSeconds),
    `${rate.toFixed(0)} requests/s; all that the engine wrote`,
  );
} finally {
  await rm(dir, { recursive: true, force: true });
}

function tellBytes(what: string, bytes: number, note: string): void {
  tell({
    what: `disk, 5,000 requests/s, ${names} names: ${what}`,
    ours: `${(bytes / 1e6).toFixed(1)} MB`,
    yardstick: '',
    goal: '<= 50 MB',
    met: bytes <= goal,
    note,
  });
}

async function recordedMinutes(spread: number): Promise<number> {
  const file = join(dir, `records-${spread}`);
  await runLoop(dir, `seconds("${file}", 360, ${perSecond}, ${names}, ${spread})`);
  return (await stat(file)).size * 10;
}

async function realRun(): Promise<Readonly<{ bytes: number; rate: number }>> {
  await using counter = await startCounter();
  const load = { seconds: realSeconds, users: perSecond / names, requests: 1, names };
  const folder = join(dir, 'real');
  await mkdir(folder);
  const xml = steady(counter.port, load);
  const { outputDir } = await fireEngine({ way: 'ours', folder, xml });
  return {
    bytes: await bytesBelow(outputDir),
    rate: (await counter.counted()).total / realSeconds,
  };
}

async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
