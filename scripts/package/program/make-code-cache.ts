/**
 * `make-code-cache.js` of the package, run when it is installed: starts a run that fires nothing,
 * and writes what V8 compiled to descriptor 3.
 */

import { readdirSync, writeFileSync } from 'node:fs';
import { build } from './build.ts';
import { codeCacheFile, noCodeCache } from './code-cache.ts';
import { createLoader } from './loader.ts';
import type { playStart } from './warm-up.ts';

const output = 3;
const dir = import.meta.dirname;
const { load, scripts } = createLoader(dir, noCodeCache);

make().then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
);

async function make(): Promise<void> {
  const warmUp = load('warm-up.js');
  if (isWarmUp(warmUp)) await warmUp.playStart();
  // What is not needed to start at least need not be parsed a second time.
  const programs = ['cli.js', 'make-code-cache.js', 'main.js'];
  for (const name of readdirSync(dir))
    if (name.endsWith('.js') && !programs.includes(name)) load(name);
  process.argv.splice(2, Number.POSITIVE_INFINITY, '--version');
  load('main.js');
  const codes = [...scripts].map(([name, script]) => [name, script.createCachedData()] as const);
  writeFileSync(output, codeCacheFile(build, new Map(codes)));
}

function isWarmUp(value: unknown): value is Readonly<{ playStart: typeof playStart }> {
  return typeof value === 'object' && value !== null && 'playStart' in value;
}
