/**
 * Measures every figure, one program after another, and prints them as one table; exits with 1 if
 * one could not be measured.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { type Figure, isFigure, table } from './figure.ts';

/** All of them together take about half an hour. */
const programs: readonly (readonly [name: string, ...args: string[]])[] = [
  ['start.ts'],
  ['engine.ts'],
  ['watched.ts'],
  ['share.ts'],
  ['starts.ts'],
  ['cores.ts'],
  ['disk.ts'],
  ['long-run.ts'],
  ['crowd.ts'],
  ['members.ts'],
  ['together.ts'],
  ['capacity.ts', '--write'],
  ['unpack.ts'],
  ['publish.ts', '--files', '2000', '--mib', '1024', '--rounds', '2'],
];
const limitMs = 900_000;

const only = process.argv.slice(2);
const chosen = programs.filter(([name]) => only.length === 0 || only.includes(name));
const figures: Figure[] = [];
const failed: string[] = [];
for (const [name, ...args] of chosen) {
  const startedMs = performance.now();
  console.error(`${name} … (load average ${loadavg()[0]?.toFixed(1)})`);
  if (!(await measured(name, args))) failed.push(name);
  console.error(`${name} took ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
}
console.log(table(figures));
for (const name of failed) console.log(`${name} FAILED: its figures are missing`);
const loads = loadavg().map((load) => load.toFixed(1));
console.log(
  `${availableParallelism()} processors; load average over 1, 5, 15 minutes: ${loads.join(', ')}, this benchmark included`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function measured(name: string, args: readonly string[]): Promise<boolean> {
  const child = fork(join(import.meta.dirname, name), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    timeout: limitMs,
  });
  child.on('message', (message) => {
    if (isFigure(message)) figures.push(message);
  });
  const [code] = await once(child, 'exit');
  return code === 0;
}
