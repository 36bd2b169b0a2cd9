/**
 * `onager report` on whole runs: the exit code says how they ended, even if the agent never
 * recorded it.
 */

import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Exit } from '../../../src/engine/engine.ts';
import type { RunFacts, Stage } from '../../../src/run/state.ts';
import type { SloRule } from '../../../src/slo/rule.ts';
import { resolvedRun } from '../../support/resolved.ts';
import { sloRule } from '../../support/slo.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { firstState } from '../../unit/lifetime/setup.ts';

const root = join(import.meta.dirname, '../../..');

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('ended-run');
});

const plan = {
  engine: 'tsung',
  argv: ['tsung'],
  env: {},
  cwd: '/',
  files: [],
  loadPhases: [],
  targets: ['127.0.0.1:80'],
  changes: [],
  sampling: { requests: 'each' },
  limits: { durationMs: 60_000, minFreeBytes: 0 },
};
const exit: Exit = {
  startedAt: '2026-11-22T22:00:00Z',
  endedAt: '2026-11-22T22:01:00Z',
  reason: 'ended',
  exitCode: 0,
};
const complete = `# stats: dump at 1795385441
stats: users 0 1
stats: users_count 1 1
stats: request 1 11.2 0 11.2 11.2 0 0
stats: 200 1 1
EndMonitor:{1795,385441,449612}
`;

async function runWith({
  state = {},
  ended,
  slo = [],
  log = complete,
}: {
  state?: Partial<RunFacts> | Stage;
  ended?: Exit;
  slo?: readonly SloRule[];
  log?: string;
}): Promise<string> {
  const run = join(dir, 'run');
  const files = {
    'run.json': { ...firstState, runId: 'r', phase: 'running', ...state },
    'resolved.json': resolvedRun(slo),
    'engine/plan.json': plan,
    ...(ended === undefined ? {} : { 'engine/exit.json': ended }),
  };
  await mkdir(join(run, 'engine/tsung/20261122-2200'), { recursive: true });
  await writeFile(join(run, 'engine/tsung/20261122-2200/tsung.log'), log);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(run, name), JSON.stringify(content));
  }
  return run;
}

function onager(...args: readonly string[]) {
  const node = join(root, 'node_modules/.bin/node');
  const { status, stderr, stdout } = spawnSync(node, [join(root, 'src/cli.ts'), ...args], {
    encoding: 'utf8',
  });
  return { status, stderr, stdout };
}

const finished = (kind: 'complete' | 'stopped'): Stage => ({
  phase: 'finished',
  outcome: { kind },
});

describe('the exit code of a report', () => {
  it.each([
    ['a complete run', { state: finished('complete') }, 0],
    ['a stopped run', { state: finished('stopped') }, 3],
    ['missed objectives', { state: finished('complete'), slo: [sloRule('count > 99')] }, 1],
  ] as const)('of %s', async (_what, parts, status) => {
    expect(onager('report', await runWith(parts))).toMatchObject({ status });
  });
});

describe('a run whose agent was killed', () => {
  it('has the outcome that its engine came to', async () => {
    const { status, stdout } = onager('report', await runWith({ ended: exit }));
    expect(stdout).toContain('outcome: complete');
    expect(status).toBe(0);
    const summary = JSON.parse(await readFile(join(dir, 'run/report/summary.json'), 'utf8'));
    expect(summary.run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
  });

  it('warns as the agent would have', async () => {
    const log = complete.replace(
      'EndMonitor',
      'stats: error_crash@user@eval@badarg 1 1\nEndMonitor',
    );
    const { stdout } = onager('report', await runWith({ ended: exit, log }));
    expect(stdout).toContain(
      "warning: 1 of 1 user crashed: in the scenario's own code (eval): badarg (once)",
    );
  });

  it('was interrupted if the engine was ended with it', async () => {
    const run = await runWith({ ended: { ...exit, reason: 'stopped' } });
    const { status, stdout } = onager('report', run);
    expect(stdout).toMatch(/outcome: interrupted[^,]*, the engine was stopped from outside Onager/);
    expect(status).toBe(3);
  });

  it('says what had interrupted it, as the agent would have', async () => {
    const interruption = { code: 'SPOT_INTERRUPTION', message: 'EC2 takes it', hint: '-' } as const;
    const ended = { ...exit, reason: 'lost' } as const;
    const { stdout } = onager('report', await runWith({ state: { interruption }, ended }));
    expect(stdout).toMatch(/outcome: interrupted[^,]*, EC2 takes it/);
  });

  it('has no outcome while there is no end', async () => {
    const { status, stdout } = onager('report', await runWith({}));
    expect(stdout).toContain('outcome: none yet, the run is running');
    expect(status).toBe(3);
  });
});

it.each([
  ['an end without an outcome', { phase: 'finished' }, 'outcome: is missing'],
  ['an outcome before the end', { outcome: { kind: 'complete' } }, 'outcome: must not be there'],
])('a run.json with %s is refused', async (_, state, words) => {
  const run = await runWith({});
  const before = JSON.parse(await readFile(join(run, 'run.json'), 'utf8'));
  await writeFile(join(run, 'run.json'), JSON.stringify({ ...before, ...state }));
  const { status, stderr } = onager('report', run);
  expect(stderr).toContain(`RUN_UNREADABLE: ${join(run, 'run.json')} cannot be used: ${words}`);
  expect(status).toBe(65);
});

it('a run is reported whatever links lead to it', async () => {
  const run = await runWith({ ended: exit });
  await symlink(dir, `${dir}-link`);
  try {
    const { status, stdout } = onager('report', join(`${dir}-link`, 'run'));
    expect(stdout).toContain('outcome: complete');
    expect(status).toBe(0);
    expect(await readFile(join(run, 'report/report.html'), 'utf8')).toContain('raw/exit.json');
  } finally {
    await rm(`${dir}-link`);
  }
});

describe('a place that takes no report', () => {
  it.each([
    ['a device', () => '/dev/null'],
    ['a file', () => join(dir, 'run/run.json')],
    ['nothing', () => ''],
    ['the run folder itself', () => join(dir, 'run/../run')],
  ])('%s is refused in words', async (_what, out) => {
    const run = await runWith({ ended: exit });
    const before = await readdir(run);
    const { status, stderr } = onager('report', run, '--out', out());
    expect(stderr).toMatch(/^OUT_INVALID: .+\n {2}\S.+\n$/);
    expect(status).toBe(64);
    expect(await readdir(run)).toEqual(before);
  });
});
