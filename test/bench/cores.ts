/**
 * What the recorder's part of a request costs with one, two and four schedulers, where all users
 * count the same name, and where they count fifty.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoop } from './erlang-loop.ts';
import { median, tell } from './figure.ts';

const [rounds, processes, ms] = [3, 20, 3_000];

const dir = await mkdtemp(join(tmpdir(), 'onager-bench-cores-'));
try {
  for (const names of [1, 50]) {
    const alone = await costOf(names, 1);
    for (const schedulers of [2, 4]) {
      const { perSecond, us } = await costOf(names, schedulers);
      tell({
        what: `counting a request, ${names === 1 ? 'one name' : `${names} names`}, ${schedulers} schedulers`,
        ours: `${us.toFixed(2)} µs`,
        yardstick: `${alone.us.toFixed(2)} µs (one scheduler)`,
        ratio: us / alone.us,
        goal: '<= 1.5',
        met: us / alone.us <= 1.5,
        note:
          `processor time, medians of ${rounds}; ${perSecond.toFixed(0)} a second, with one scheduler ` +
          `${alone.perSecond.toFixed(0)}; ${processes} processes that do nothing else`,
      });
    }
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}

async function costOf(names: number, schedulers: number) {
  const runs: { perSecond: number; us: number }[] = [];
  while (runs.length < rounds) {
    const call = `hot_path("${join(dir, 'records')}", ${processes}, ${names}, ${ms})`;
    const told = await runLoop(dir, call, ['+S', `${schedulers}:${schedulers}`]);
    const [perSecond = Number.NaN, us = Number.NaN] = JSON.parse(told) as number[];
    runs.push({ perSecond, us });
  }
  return {
    perSecond: median(runs.map((run) => run.perSecond)),
    us: median(runs.map((run) => run.us)),
  };
}
