/**
 * Any odd thing instead of any file in the engine's folder: the run still ends, explains itself,
 * and leaks no secret.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { untilEnded } from '../../../src/agent/phases/engine-end.ts';
import { report } from '../../../src/commands/report.ts';
import type { Exit } from '../../../src/engine/engine.ts';
import { createLauncher } from '../../../src/engine/launcher/child.ts';
import { identify } from '../../../src/engine/processes.ts';
import { isolationProblem, readIsolation } from '../../../src/engine/supervisor/isolation.ts';
import { makeNativeReport } from '../../../src/engine/tsung/run/native-report.ts';
import { OnagerError } from '../../../src/errors.ts';
import { silentLog } from '../../../src/log.ts';
import { refusedProblem, surveyRun } from '../../../src/publish/files.ts';
import { readLogTails } from '../../../src/report/log-tails.ts';
import { type RunFolder, runFolder } from '../../../src/run/folder.ts';
import { createRunStore } from '../../../src/run/store.ts';
import { allOddKinds, putOdd, secret, wordsOf } from '../../support/odd-files.ts';
import { resolvedRun } from '../../support/resolved.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { firstState } from '../../unit/lifetime/setup.ts';

const log = 'engine/tsung/20261122-2200';
const exit: Exit = {
  startedAt: '2026-11-22T22:00:00Z',
  endedAt: '2026-11-22T22:01:00Z',
  reason: 'ended',
  exitCode: 0,
};
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

/** Every file that an engine and its supervisor leave behind. */
const written: Readonly<Record<string, string>> = {
  'engine/plan.json': JSON.stringify(plan),
  'engine/exit.json': JSON.stringify(exit),
  'engine/engine.json': '{}',
  'engine/isolation.json': '{"version":1,"reachable":[]}',
  'engine/generator.ndjson': '{}\n',
  'engine/host.log': 'host\n',
  'engine/stdout.log': 'out\n',
  'engine/stderr.log': 'err\n',
  'engine/notes.log': 'notes\n',
  [`${log}/tsung.log`]: '# stats: dump at 1795385441\nstats: users_count 1 1\nEndMonitor:{1,2,3}\n',
  [`${log}/tsung-1.dump`]: '1795385440.5;get;/;\n',
  [`${log}/tsung-fullstats.log`]: '{sample,page,1.5}\n',
  [`${log}/tsung_controller@host.log`]: 'fine\n',
};
const names = ['engine/fired.json', ...Object.keys(written)];

let root = '';
let folder: RunFolder;
beforeEach(async () => {
  root = await temporaryFolder('odd');
  folder = runFolder(root);
  await mkdir(join(root, log), { recursive: true });
  const own = {
    'run.json': { ...firstState, runId: 'r', phase: 'running' },
    'resolved.json': resolvedRun(),
    'user-data': secret,
    // Names a process that no longer exists.
    'engine/fired.json': {
      pid: 2 ** 22 - 1,
      pidStartTime: 1,
      bootId: identify(process.pid)?.bootId,
      marker: 'no process has this marker',
      firedAt: '2026-11-22T22:00:00Z',
    },
  };
  for (const [name, value] of Object.entries(own)) {
    await writeFile(join(root, name), JSON.stringify(value));
  }
  for (const [name, text] of Object.entries(written)) await writeFile(join(root, name), text);
});

async function waitForEnd(): Promise<Exit> {
  const store = createRunStore({ initial: firstState, onWriteError: () => {} });
  const launcher = createLauncher({ command: ['/bin/false'], env: {} });
  // As a user who asks for the end does.
  await launcher.stop(folder.engineDir).catch(inWords);
  return await untilEnded(
    {
      folder,
      launcher,
      log: silentLog(),
      now: () => new Date(),
      signal: new AbortController().signal,
      store,
    },
    {
      limits: plan.limits,
      asked: new Promise(() => {}),
      patience: { stopMs: 0, marginMs: 60_000, killMs: 60_000, lookEveryMs: 10 },
    },
  );
}

/** Every failure has an error code. */
function inWords(error: unknown): undefined {
  expect(error).toBeInstanceOf(OnagerError);
  expect(error).not.toMatchObject({ code: 'INTERNAL' });
}

const cells = names.flatMap((name) =>
  Object.keys(allOddKinds).map((kind) => [kind, name] as const),
);

describe('instead of a file of the engine', () => {
  it.each(cells)('%s: %s', async (kind, name) => {
    await putOdd(kind, join(root, name), folder.userData);
    const problem = refusedProblem(folder, (await surveyRun(folder)).refused);
    expect(problem?.code).toBe('ENGINE_FILE_REFUSED');
    expect(problem?.message).toContain(JSON.stringify(name));
    expect(problem?.message).toContain(wordsOf(kind));

    const ended = await waitForEnd().catch(inWords);
    if (name !== 'engine/fired.json') expect(ended?.reason).toMatch(/^(?:ended|lost)$/);
    const reporting = report(root, {
      out: undefined,
      pageTemplate: '<script type="application/json" id="onager-data">{"live":true}</script>',
      signal: new AbortController().signal,
      abandoned: new AbortController().signal,
    });
    // Without a plan, there is an explanation instead of a report.
    const reported = await (name === 'engine/plan.json' ? reporting.catch(inWords) : reporting);
    isolationProblem(await readIsolation(folder.engineDir));
    const install = { script: '', dtd: '', version: '', installDir: '/nonexistent', erl: '' };
    const output = { dir: folder.engineDir, hasEnded: async () => true };
    await makeNativeReport(install, output, folder.nativeDir, AbortSignal.timeout(60_000)).catch(
      inWords,
    );

    const { files } = await surveyRun(folder);
    const beside = Object.keys(written).filter(
      (other) => other !== name && !['engine/plan.json', 'engine/engine.json'].includes(other),
    );
    expect(files.map(({ source }) => source)).toEqual(expect.arrayContaining(beside));
    const told = await Promise.all(files.map(({ path }) => readFile(path, 'utf8')));
    const tails = await readLogTails(files);
    expect(JSON.stringify([...told, tails, reported, problem])).not.toContain(secret);
  });
});
