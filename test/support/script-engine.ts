/**
 * A small second engine that uses what Tsung does not need of the contract: it knows its scenarios
 * by their contents, writes two outputs in whole milliseconds and without the size of an answer,
 * stops after one SIGINT to its main process, and has a verdict of its own.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, EngineOutput, Plan } from '../../src/engine/engine.ts';
import { followFile } from '../../src/engine/follow.ts';
import type { Samples } from '../../src/engine/samples.ts';
import type { Problem } from '../../src/errors.ts';
import { mergeReaders } from './merge-readers.ts';

const program = join(import.meta.dirname, 'script-engine-program.ts');
const header = /^#script requests=(\d+)$/m;
const outputs = ['samples-a.csv', 'samples-b.csv'];

export const scriptEngine: Engine = {
  name: 'script',
  async detect(files, read) {
    const scripts = files.filter((file) => file.endsWith('.script'));
    const starts = await Promise.all(scripts.map(async (file) => String(await read(file))));
    return scripts
      .filter((_, at) => starts[at]?.startsWith('#script'))
      .map((entry) => ({ entry, certainty: 'sure' }));
  },
  async prepare({ dir, entry }, { outputDir }, limits) {
    const requests = requestsIn(await readFile(join(dir, entry), 'utf8'));
    if (requests === undefined) return { problems: [invalid], warnings: [] };
    const plan: Plan = {
      engine: 'script',
      argv: [process.execPath, program, String(requests), outputDir],
      env: {},
      cwd: dir,
      files: [],
      loadPhases: [],
      targets: [],
      changes: [],
      sampling: { requests: 'each', duration: 'first-byte', resolutionUs: 1_000 },
      stop: { signal: 'SIGINT', graceMs: 30_000 },
      limits,
    };
    return { plan, warnings: [] };
  },
  async version() {
    return { engine: '1', runtime: process.version };
  },
  read: ({ dir, hasEnded }, _plan, signal) =>
    mergeReaders(
      outputs.map(
        (file) => (either) => readCsv({ path: join(dir, file), hasEnded, signal: either }),
      ),
      signal,
    ),
  async outcome({ dir }, exit) {
    const verdict = await verdictOf(dir);
    const said = verdict === undefined ? {} : { verdict };
    const problem = { ...invalid, message: exit.detail ?? exit.reason };
    if (exit.reason === 'stopped') return { kind: 'stopped', ...said };
    if (exit.reason === 'duration-limit') return { kind: 'cut', ...said };
    if (exit.reason === 'lost') return { kind: 'interrupted', problem, ...said };
    return verdict === undefined ? { kind: 'failed', problem } : { kind: 'complete', verdict };
  },
};

const invalid: Problem = {
  code: 'ENGINE_UNKNOWN',
  message: 'the script does not say how many requests it makes',
  hint: 'begin it with "#script requests=20"',
};

function requestsIn(script: string): number | undefined {
  const requests = header.exec(script)?.[1];
  return requests === undefined ? undefined : Number(requests);
}

async function verdictOf(dir: string): Promise<{ ok: boolean; message: string } | undefined> {
  const said = await readFile(join(dir, 'stdout.log'), 'utf8').catch(() => '');
  const [, result, message = ''] = /^verdict: (\w+): (.*)$/m.exec(said) ?? [];
  return result === undefined ? undefined : { ok: result === 'passed', message };
}

async function* readCsv({
  path,
  hasEnded,
  signal,
}: Readonly<{
  path: string;
  hasEnded: EngineOutput['hasEnded'];
  signal: AbortSignal;
}>): AsyncGenerator<Samples> {
  const decoder = new TextDecoder();
  const names: string[] = [];
  let rest = '';
  for await (const bytes of followFile({ path, hasEnded, signal, pollMs: 20 })) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield samplesOf(lines, names);
  }
}

function samplesOf(lines: readonly string[], names: string[]): Samples {
  const rows = lines.map((line) => {
    const [endMs = '', ms = '', status = '', name = ''] = line.split(';');
    if (!names.includes(name)) names.push(name);
    return { endMs: Number(endMs), ms: Number(ms), status: Number(status), name };
  });
  return {
    type: 'samples',
    kind: 'request',
    count: rows.length,
    names,
    errors: [''],
    name: Uint32Array.from(rows, ({ name }) => names.indexOf(name)),
    endMs: Float64Array.from(rows, ({ endMs }) => endMs),
    durationUs: Float64Array.from(rows, ({ ms }) => ms * 1_000),
    ok: Uint8Array.from(rows, ({ status }) => (status < 400 ? 1 : 0)),
    status: Uint16Array.from(rows, ({ status }) => status),
    error: new Uint16Array(rows.length),
    bytes: new Float64Array(rows.length).fill(Number.NaN),
  };
}
