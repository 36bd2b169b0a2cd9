/** `onager report` on folders that contain no run, or half of one. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { report } from '../../../src/commands/report.ts';
import { resolvedRun } from '../../support/resolved.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { firstState } from '../../unit/lifetime/setup.ts';

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('report-test');
});

const state = JSON.stringify(firstState);
const resolved = JSON.stringify(resolvedRun());

it.each([
  ['nothing', {}, /run\.json/],
  ['a torn run.json', { 'run.json': state.slice(0, 40) }, /run\.json/],
  ['a folder in the place of run.json', { 'run.json/x': '' }, /run\.json/],
  ['no resolved.json', { 'run.json': state }, /never came to a plan/],
  [
    'a torn resolved.json',
    { 'run.json': state, 'resolved.json': resolved.slice(0, 30) },
    /resolved\.json/,
  ],
  ['no plan.json', { 'run.json': state, 'resolved.json': resolved }, /plan\.json/],
  [
    'a torn plan.json',
    { 'run.json': state, 'resolved.json': resolved, 'engine/plan.json': '{"engine":' },
    /plan\.json/,
  ],
] as const)('%s gets a precise error', async (_, files, words) => {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(dir, name, '..'), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  const signal = AbortSignal.timeout(10_000);
  const options = { out: undefined, pageTemplate: '', signal, abandoned: signal };
  await expect(report(dir, options)).rejects.toMatchObject({
    code: 'RUN_UNREADABLE',
    message: expect.stringMatching(words),
    hint: expect.stringMatching(/^\S.{8,}/),
  });
});

it.each(['file', 'nowhere'])('%s is not a folder', async (name) => {
  await writeFile(join(dir, 'file'), '');
  const signal = AbortSignal.timeout(10_000);
  const options = { out: undefined, pageTemplate: '', signal, abandoned: signal };
  await expect(report(join(dir, name), options)).rejects.toMatchObject({
    code: 'RUN_UNREADABLE',
    message: `there is no folder ${join(dir, name)}`,
  });
});
