/** What an agent does with a run of which an earlier process told how it ended. */

import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import type { Run } from '../../../src/agent/run.ts';
import { tellStory } from '../../../src/agent/story.ts';
import { createImds } from '../../../src/aws/imds.ts';
import { silentLog } from '../../../src/log.ts';
import { createLiveResults } from '../../../src/report/live.ts';
import { type RunFolder, runFolder } from '../../../src/run/folder.ts';
import { writeResolved } from '../../../src/run/resolved.ts';
import { createRunStore, type RunStore } from '../../../src/run/store.ts';
import { aloneAccess } from '../../support/alone-access.ts';
import { resolvedRun } from '../../support/resolved.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { firstState } from '../lifetime/setup.ts';

const plan = {
  engine: 'tsung',
  argv: ['tsung'],
  env: {},
  cwd: '/',
  files: [],
  loadPhases: [],
  targets: [],
  changes: [],
  sampling: { requests: 'each' },
  limits: { durationMs: 60_000, minFreeBytes: 0 },
};
const problem = { code: 'SCENARIO_FROM', message: 'denied', hint: '-' } as const;

/** How often the engine is started while the story is told. */
async function starts(
  folder: RunFolder,
  store: RunStore,
  { userData, learn = () => {} }: { userData?: Buffer; learn?: Run['learn'] } = {},
): Promise<number> {
  const log = silentLog();
  const now = (): Date => new Date();
  let started = 0;
  await tellStory({
    folder,
    instance: {
      instanceId: 'i-0abc',
      launchedAt: '2026-11-22T22:10:00.000Z',
      imageId: 'ami-1',
      instanceType: 'c7i.large',
      architecture: 'x86_64',
      region: 'eu-central-1',
      availabilityZone: 'eu-central-1a',
      launchIndex: 0,
    },
    store,
    results: createLiveResults(store, now),
    log,
    imds: { ...createImds({ log }), userData: async () => userData, tags: async () => ({}) },
    credentials: async () => Promise.reject(new Error('none')),
    launcher: {
      status: async () => 'not-fired',
      async start() {
        started += 1;
        return 'withdrawn';
      },
      async stop() {},
      async kill() {},
      async reap() {},
    },
    imageSettingsPath: '/nowhere',
    offeredVars: [],
    pageTemplate: '<script type="application/json" id="onager-data">{"live":true}</script>',
    learn,
    bound() {},
    stopAsked: new Promise(() => {}),
    interrupted: new AbortController().signal,
    cluster: aloneAccess(),
    pageUrl: () => 'http://localhost/',
    askToStop() {},
    interrupt() {},
    provesIsolation: false,
    signal: new AbortController().signal,
    now,
  });
  return started;
}

it('fires nothing once the run was told to have failed, though it could now', async () => {
  const folder = runFolder(await temporaryFolder('story'));
  await mkdir(dirname(folder.planJson));
  await writeFile(folder.planJson, JSON.stringify(plan));
  await writeResolved(folder.resolvedJson, resolvedRun());
  const store = createRunStore({
    initial: {
      ...firstState,
      phase: 'publishing',
      problems: [problem],
      outcome: { kind: 'failed', problem },
    },
    onWriteError(error) {
      throw error;
    },
  });
  expect(await starts(folder, store)).toBe(0);
  expect(store.current()).toMatchObject({
    phase: 'failed',
    outcome: { kind: 'failed', problem },
    problems: [problem],
  });
});

it('neither fetches, unpacks nor prepares a run again that ended before it was prepared', async () => {
  const folder = runFolder(await temporaryFolder('story'));
  const store = createRunStore({
    initial: {
      ...firstState,
      phase: 'reporting',
      problems: [problem],
      outcome: { kind: 'failed', problem },
    },
    onWriteError(error) {
      throw error;
    },
  });
  const learned: number[] = [];
  const userData = Buffer.from('#onager\nscenario: { from: s3://bucket/shop.zip }\nlifetime: 1h\n');
  await starts(folder, store, { userData, learn: ({ lifetimeMs }) => learned.push(lifetimeMs) });
  expect(learned).toEqual([3_600_000]);
  const { phase, problems, settings } = store.current();
  expect({ phase, problems, settings }).toEqual({
    phase: 'failed',
    problems: [problem],
    settings: [],
  });
  expect((await readdir(folder.root)).sort()).toEqual(['report']);
});
