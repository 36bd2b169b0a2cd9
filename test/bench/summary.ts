/**
 * From three million rows that Tsung wrote to percentiles per name, in a cold process, compared
 * with awk's sum over the same file.
 */

import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { findDumps, findLogFolder } from '../../src/engine/tsung/output/log-folder.ts';
import { runTsungIn, scenario, startTarget } from '../support/tsung-run.ts';
import { median, tell } from './figure.ts';

const rounds = 7;
const rows = 3_000_000;
const root = join(import.meta.dirname, '../..');
const dir = await mkdtemp(join(tmpdir(), 'onager-bench-summary-'));
try {
  const dump = await repeat(await realDump(), join(dir, 'engine', 'tsung', '20260101-0000'));
  const source = join(import.meta.dirname, 'measure-once.ts');
  const bundle = await bundled(source);
  const times = { awk: [], source: [], bundle: [] } as Record<string, number[]>;
  let last = '';
  // Fills the compile cache.
  execFileSync(process.execPath, [source, join(dir, 'engine')]);
  for (let round = 0; round < rounds; round += 1) {
    time('awk', () => execFileSync('awk', ['-F;', '{n++; s+=$9} END {print n, s}', dump]));
    time('bundle', () => execFileSync(process.execPath, [bundle, join(dir, 'engine')]));
    last = time('source', () => execFileSync(process.execPath, [source, join(dir, 'engine')]));
  }
  const awk = median(times['awk'] ?? []);
  for (const [name, what] of [
    ['bundle', 'the package'],
    ['source', 'a checkout'],
  ] as const) {
    const ours = median(times[name] ?? []);
    tell({
      what: `3 M rows to a summary, cold, ${what}`,
      ours: `${ours.toFixed(0)} ms`,
      yardstick: `${awk.toFixed(0)} ms (awk)`,
      ratio: ours / awk,
      goal: '<= 1.0',
      met: ours <= awk,
      note: last.trim(),
    });
  }

  function time(name: string, run: () => Buffer): string {
    const start = performance.now();
    const output = run().toString();
    times[name]?.push(performance.now() - start);
    return output;
  }
} finally {
  await rm(dir, { recursive: true });
}

async function realDump(): Promise<string> {
  await using target = await startTarget();
  const urls = Array.from(
    { length: 12 },
    (_, at) => `<request><http url="/page/${at}?q=1" method="GET"/></request>`,
  );
  const session = `<session name="s" probability="100" type="ts_http">${urls.join('')}</session>`;
  const load =
    '<arrivalphase phase="1" duration="3" unit="second"><users arrivalrate="40" unit="second"/></arrivalphase>';
  const run = await runTsungIn(await mkdtemp(join(dir, 'tsung-')), {
    files: { 'tsung.xml': scenario({ port: target.port, load, sessions: session }) },
  });
  const folder = (await findLogFolder(run.dir)) ?? '';
  const [name = ''] = await findDumps(folder);
  return await readFile(join(folder, name), 'latin1');
}

/** The copies follow each other in time, as in a long run. */
async function repeat(text: string, folder: string): Promise<string> {
  const lines = text.trimEnd().split('\n');
  const timeOf = (line = ''): number => Number(line.slice(0, line.indexOf(';')));
  const span = timeOf(lines.at(-1)) - timeOf(lines[0]);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'tsung-123456.dump');
  const file = createWriteStream(path);
  for (let written = 0, copy = 0; written < rows; copy += 1) {
    const wanted = lines.slice(0, rows - written);
    const shifted = wanted.map(
      (line) => `${(timeOf(line) + copy * span).toFixed(6)}${line.slice(line.indexOf(';'))}\n`,
    );
    if (!file.write(shifted.join('')))
      await new Promise<void>((resolve) => file.once('drain', () => resolve()));
    written += wanted.length;
  }
  await new Promise<void>((resolve) => file.end(resolve));
  return path;
}

/** As in the image: one file, and nothing to compile at the start. */
async function bundled(entry: string): Promise<string> {
  const outDir = join(dir, 'bundle');
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: entry, outDir, emptyOutDir: true, target: 'node24' },
  });
  const path = join(outDir, 'measure-once.js');
  const module = join(outDir, 'measure-once.mjs');
  await copyFile(path, module);
  return module;
}
