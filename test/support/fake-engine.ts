/** An engine whose program does what a test asks for: its scenario is a file with a mode. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Plan } from '../../src/engine/engine.ts';
import { followFile } from '../../src/engine/follow.ts';
import type { Samples } from '../../src/engine/samples.ts';

export const fakeModes = [
  'well',
  'fails',
  'polite',
  'forever',
  'deaf',
  'daemon',
  'daemon-forever',
  'leaves-child',
  'flood',
] as const;

const program = join(import.meta.dirname, 'fake-engine-program.ts');
const isMode = (mode: string): boolean => fakeModes.some((known) => known === mode);

export const fakeEngine: Engine = {
  name: 'fake',
  async detect(files) {
    return files.includes('fake.txt') ? [{ entry: 'fake.txt', certainty: 'sure' }] : [];
  },
  async prepare({ dir, entry }, { outputDir }, limits) {
    const mode = (await readFile(join(dir, entry), 'utf8')).trim();
    const [message, hint] = [`no mode "${mode}"`, fakeModes.join(', ')];
    return isMode(mode)
      ? { plan: fakePlan({ mode, outputDir, cwd: dir, limits }), warnings: [] }
      : { problems: [{ code: 'ENGINE_UNKNOWN', message, hint }], warnings: [] };
  },
  async version() {
    return { engine: '1.0', runtime: process.version };
  },
  async requestStop(plan) {
    if (!plan.argv.includes('polite')) throw new Error('it does not listen');
    const { FAKE_STOP = '' } = plan.env;
    await writeFile(FAKE_STOP, '');
  },
  stalled: (_, plan) => async (awakeMs) => {
    const { FAKE_STALLS } = plan.env;
    return FAKE_STALLS === undefined
      ? undefined
      : { reason: 'stalled', detail: `nothing for ${awakeMs} ms` };
  },
  async *read({ dir, hasEnded }, _plan, signal) {
    const names: string[] = [];
    const decoder = new TextDecoder();
    let rest = '';
    const path = join(dir, 'out.ndjson');
    for await (const bytes of followFile({ path, hasEnded, signal, pollMs: 20 })) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) yield samplesOf(lines, names);
    }
  },
  async outcome(_, exit) {
    const problem = {
      code: 'ENGINE_HOST_FAILED',
      message: exit.reason,
      hint: 'it is a fake',
    } as const;
    if (exit.reason === 'stopped') return { kind: 'stopped' };
    if (exit.reason === 'duration-limit') return { kind: 'cut' };
    if (exit.reason === 'lost') return { kind: 'interrupted', problem };
    return exit.exitCode === 0 ? { kind: 'complete' } : { kind: 'failed', problem };
  },
};

/** A plan that runs the program in this mode. */
export function fakePlan({
  mode,
  outputDir,
  cwd = outputDir,
  env = {},
  limits = { durationMs: 60_000, minFreeBytes: 0 },
}: {
  mode: string;
  outputDir: string;
  cwd?: string;
  env?: Record<string, string>;
  limits?: Plan['limits'];
}): Plan {
  return {
    engine: 'fake',
    argv: [process.execPath, program, mode],
    env: {
      FAKE_OUT: join(outputDir, 'out.ndjson'),
      FAKE_STOP: join(outputDir, 'stop'),
      FAKE_PIDS: join(outputDir, 'pids'),
      ...env,
    },
    cwd,
    files: [],
    loadPhases: [],
    targets: [],
    changes: [],
    sampling: { requests: 'each', duration: 'total', resolutionUs: 1 },
    limits,
  };
}

function samplesOf(lines: readonly string[], names: string[]): Samples {
  const rows = lines.map((line) => JSON.parse(line));
  for (const { name } of rows) if (!names.includes(name)) names.push(name);
  return {
    type: 'samples',
    kind: 'request',
    count: rows.length,
    names,
    errors: [''],
    name: Uint32Array.from(rows, ({ name }) => names.indexOf(name)),
    endMs: Float64Array.from(rows, ({ endMs }) => endMs),
    durationUs: Float64Array.from(rows, ({ durationUs }) => durationUs),
    ok: new Uint8Array(rows.length).fill(1),
    status: new Uint16Array(rows.length),
    error: new Uint16Array(rows.length),
    bytes: new Float64Array(rows.length),
  };
}
