/** plan.json and exit.json: their contents are valid, or are refused. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Exit, Plan } from '../../../../src/engine/engine.ts';
import {
  engineOutput,
  parseExit,
  readExit,
  writeExit,
  writeFirstExit,
} from '../../../../src/engine/handover/exit-file.ts';
import { parsePlan } from '../../../../src/engine/handover/plan-file.ts';
import { OnagerError } from '../../../../src/errors.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

const plan: Plan = {
  engine: 'tsung',
  argv: ['tsung', '-f', 'tsung.xml'],
  env: { HOME: '/x' },
  cwd: '/scenario',
  files: [{ path: 'made/tsung.xml', content: '<tsung/>' }],
  plannedDurationMs: 60_000,
  plannedUsers: 100,
  loadPhases: [{ name: '1', startMs: 0, durationMs: 60_000, arrivalRate: 2 }],
  targets: ['shop.example.test:80'],
  changes: [{ what: 'monitoring', why: 'needs ssh', where: 'tsung.xml:12' }],
  sampling: {
    requests: 'overall',
    requestName: 'raw',
    note: 'not by name',
    duration: 'without-connect',
    resolutionUs: 1_000,
  },
  stop: { signal: 'SIGINT', graceMs: 90_000 },
  limits: { durationMs: 1, minFreeBytes: 0 },
};
const exit: Exit = {
  startedAt: '2026-01-02T03:04:05.678Z',
  endedAt: '2026-01-02T03:05:05.678Z',
  exitCode: 0,
  reason: 'ended',
};

describe('a plan', () => {
  it('comes back as it was', () => {
    expect(parsePlan(JSON.stringify(plan))).toEqual(plan);
    const { plannedDurationMs: _, plannedUsers: __, stop: ___, ...least } = plan;
    expect(parsePlan(JSON.stringify(least))).toEqual(least);
  });

  it.each([
    ['no JSON', '{', /not JSON/],
    ['no object', '[]', /expected object/],
    ['no program', { argv: [] }, /argv/],
    ['an empty program', { argv: [''] }, /argv\.0/],
    ['a number in the environment', { env: { A: 1 } }, /env\.A/],
    ['a relative folder', { cwd: 'scenario' }, /cwd/],
    ['a file outside', { files: [{ path: '../x', content: '' }] }, /files\.0\.path/],
    ['a file outside by a detour', { files: [{ path: 'a/../../x', content: '' }] }, /files\.0/],
    ['an absolute file', { files: [{ path: '/etc/passwd', content: '' }] }, /files\.0\.path/],
    ['a file without a name', { files: [{ path: '', content: '' }] }, /files\.0\.path/],
    ['no time', { limits: { durationMs: 0, minFreeBytes: 0 } }, /limits\.durationMs/],
    ['endless time', { limits: { durationMs: null, minFreeBytes: 0 } }, /limits\.durationMs/],
    ['requests known in a way there is not', { sampling: { requests: 'some' } }, /sampling/],
    ['a signal that asks for nothing', { stop: { signal: 'SIGKILL', graceMs: 1 } }, /stop\.signal/],
    ['a grace nobody waits for', { stop: { signal: 'SIGINT', graceMs: 300_000 } }, /stop\.grace/],
    ['a field nobody knows', { shell: true }, /shell/],
  ])('with %s is refused, and it says where', (_, change, message) => {
    const text = typeof change === 'string' ? change : JSON.stringify({ ...plan, ...change });
    expect(() => parsePlan(text)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_FILE_INVALID',
        message: expect.stringMatching(message),
      }),
    );
  });

  it('is refused and never anything else, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => parsePlan(text)).toThrow(OnagerError);
      }),
    );
  });
});

describe('an exit', () => {
  it('comes back as it was', () => {
    const full: Exit = { ...exit, signal: 'SIGKILL', reason: 'stopped', detail: 'asked for' };
    expect(parseExit(JSON.stringify(full))).toEqual(full);
  });

  it.each([
    ['no reason', { reason: undefined }],
    ['another reason', { reason: 'bored' }],
    ['a local time', { endedAt: '2026-01-02 03:04' }],
    ['half an exit code', { exitCode: 0.5 }],
  ])('with %s is refused', (_, change) => {
    expect(() => parseExit(JSON.stringify({ ...exit, ...change }))).toThrow(OnagerError);
  });
});

describe('the output of an engine', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await temporaryFolder('exit');
  });

  it('has ended once exit.json is there, and the first that was written stays', async () => {
    const output = engineOutput(dir);
    expect(await output.hasEnded()).toBe(false);
    expect(await readExit(dir)).toBeUndefined();
    await writeFile(join(dir, 'exit.json.abc.tmp'), '');
    expect(await output.hasEnded()).toBe(false);
    await writeExit(dir, exit);
    expect(await output.hasEnded()).toBe(true);
    expect(await writeFirstExit(dir, { ...exit, reason: 'lost' })).toBe(false);
    expect(await readExit(dir)).toEqual(exit);
  });
});
