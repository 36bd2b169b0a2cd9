/** What a new process takes up of the run that an earlier one left. */

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createImds } from '../../../src/aws/imds.ts';
import { silentLog } from '../../../src/log.ts';
import { openRun } from '../../../src/run/open.ts';
import { createRunStore } from '../../../src/run/store.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { firstState } from '../lifetime/setup.ts';
import { state } from '../report/fixture.ts';

const instance = {
  instanceId: 'i-0abc',
  launchedAt: '2026-11-22T22:10:00.000Z',
  imageId: 'ami-1',
  instanceType: 'c7i.large',
  architecture: 'x86_64',
  region: 'eu-central-1',
  availabilityZone: 'eu-central-1a',
  launchIndex: 0,
};

async function openWith(runJson: string) {
  const runsDir = await temporaryFolder('open');
  const root = join(runsDir, '20261122T221000Z-i-0abc');
  await mkdir(root);
  await writeFile(join(root, 'run.json'), runJson);
  const store = createRunStore({
    initial: firstState,
    onWriteError(error) {
      throw error;
    },
  });
  const { signal } = new AbortController();
  const imds = createImds({ log: silentLog() });
  const folder = await openRun(runsDir, { instance, imds, store, signal });
  return { folder, state: store.current() };
}

describe('the run.json that an earlier process left', () => {
  it('is taken up', async () => {
    const { folder, state: taken } = await openWith(JSON.stringify(state));
    expect(taken).toEqual({ ...state, onager: firstState.onager, instance });
    expect(await readdir(folder.root)).toEqual(['run.json']);
  });

  it.each([
    ['torn', '{"version":1,', /not JSON/],
    ['of an end without an outcome', JSON.stringify({ ...state, outcome: undefined }), /outcome: /],
    [
      'of an outcome before the end',
      JSON.stringify({ ...state, phase: 'running' }),
      /outcome: must not be there/,
    ],
  ])(
    'is kept aside where it is %s, with a warning, and the run goes on',
    async (_, json, words) => {
      const { folder, state: taken } = await openWith(json);
      expect(taken).toMatchObject({ phase: 'waiting', runId: '20261122T221000Z-i-0abc' });
      expect(taken.warnings).toMatchObject([{ code: 'RUN_UNREADABLE' }]);
      expect(taken.warnings[0]?.message).toMatch(words);
      const [aside = '', ...others] = (await readdir(folder.root)).filter((n) => n !== 'run.json');
      expect(others).toEqual([]);
      expect(taken.warnings[0]?.hint).toContain(join(folder.root, aside));
      expect(await readFile(join(folder.root, aside), 'utf8')).toBe(json);
      expect(JSON.parse(await readFile(folder.runJson, 'utf8'))).toEqual(taken);
    },
  );
});
