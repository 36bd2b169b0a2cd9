/**
 * Runs rehearsals for tests: a scenario of a given length, the simulation around it, and what must
 * be true at its end.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { expect, vi } from 'vitest';
import type { Manifest } from '../../src/publish/manifest.ts';
import type { LocalBucket } from '../../src/rehearsal/bucket/bucket.ts';
import { type Simulation, startSimulation } from '../../src/rehearsal/simulation.ts';
import type { Summary } from '../../src/report/summary.ts';
import type { RunState } from '../../src/run/state.ts';
import { makeScenario } from './scenario.ts';
import { temporaryFolder } from './temporary.ts';

const root = join(import.meta.dirname, '../..');
const node = join(root, 'node_modules/.bin/node');
const agentCommand = [node, join(root, 'src/cli.ts'), 'agent'] as const;

export type Rehearsed = AsyncDisposable & Readonly<{ out: string; simulation: Simulation }>;

/** Begins a rehearsal of a scenario of that length, in its own folders. */
export async function beginRehearsal(options: {
  seconds: number;
  rate?: number;
  settings?: string;
}): Promise<Rehearsed> {
  return await beginRehearsalOf(await makeScenario(await temporaryFolder('scenario'), options));
}

/** Reads the scenario at once: its folder is not needed afterwards. */
export async function beginRehearsalOf(
  source: string,
  vars: Readonly<Record<string, string>> = {},
  outDir?: string,
): Promise<Rehearsed> {
  await using stack = new AsyncDisposableStack();
  const out = outDir ?? (await temporaryFolder('rehearsal'));
  const path = process.env['PATH'] ?? '/usr/bin:/bin';
  const simulation = stack.use(
    await startSimulation({ source, out, port: 0, vars, agentCommand, path }),
  );
  const owned = stack.move();
  return { out, simulation, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Resolves with the state once it meets the condition. */
export async function until(
  { simulation, out }: Rehearsed,
  wanted: (run: RunState) => boolean,
  limitMs = 110_000,
): Promise<RunState> {
  const deadline = AbortSignal.timeout(limitMs);
  let last: RunState | undefined;
  while (!deadline.aborted) {
    last = (await simulation.api.run()) ?? last;
    if (last !== undefined && wanted(last)) return last;
    await sleep(50);
  }
  const log = await readFile(join(out, 'agent.log'), 'utf8').catch(() => '');
  throw new Error(`not in ${limitMs} ms; last: ${JSON.stringify(last)}\n${log.slice(-4_000)}`);
}

export function isOver({ phase, publish }: RunState): boolean {
  return (phase === 'finished' || phase === 'failed') && (publish === undefined || publish.whole);
}

/** The summary of a run that is over. */
export async function finalSummary({ simulation }: Rehearsed): Promise<Summary> {
  const summary = await simulation.api.summary();
  if (summary === undefined) throw new Error('there is no summary');
  expect(summary.final).toBe(true);
  return summary;
}

/**
 * Every object that the manifest names is in the bucket with its SHA-256, and the chunks add up to
 * the files.
 */
export async function expectWholeBucket(
  { out, simulation }: Rehearsed,
  run: RunState,
  bucket: LocalBucket = simulation.bucket,
): Promise<Manifest> {
  const dir = join(out, 'bucket');
  await bucket.exportTo(dir);
  const at = join(dir, 'runs', run.runId);
  const manifest: Manifest = JSON.parse(await readFile(join(at, 'manifest.json'), 'utf8'));
  for (const { key, sha256, size } of manifest.objects) {
    const bytes = await readFile(join(at, key));
    expect({ key, size: bytes.byteLength, sha256: sum(bytes) }).toEqual({ key, size, sha256 });
  }
  for (const { chunks, file, sha256 } of manifest.files) {
    const parts = await Promise.all(chunks.map(({ key }) => readFile(join(at, key))));
    expect({ file, sha256: sum(Buffer.concat(parts.map((part) => gunzipSync(part)))) }).toEqual({
      file,
      sha256,
    });
  }
  return manifest;
}

function sum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Kills the agent with SIGKILL and waits until another one runs. */
export async function killAgent({ simulation: { agent } }: Rehearsed): Promise<void> {
  const before = agent.pid();
  if (before !== undefined) process.kill(before, 'SIGKILL');
  const deadline = AbortSignal.timeout(20_000);
  while (agent.pid() === before) await sleep(20, undefined, { signal: deadline });
}

/**
 * What the supervisor wrote about the engine's process when it fired; a run is `running` a moment
 * before that.
 */
export async function engineProcess({ simulation }: Rehearsed, run: RunState): Promise<unknown> {
  const path = join(simulation.instanceDir, 'runs', run.runId, 'engine/engine.json');
  return await vi.waitFor(async () => JSON.parse(await readFile(path, 'utf8')), 20_000);
}
