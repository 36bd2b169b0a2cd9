/** Why a load ended early, where the engine only sees that somebody ended it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { explained } from '../../../src/agent/explain.ts';
import type { Exit, Outcome } from '../../../src/engine/engine.ts';
import { identify } from '../../../src/engine/processes.ts';
import type { Problem } from '../../../src/errors.ts';
import { runFolder } from '../../../src/run/folder.ts';
import type { RunState } from '../../../src/run/state.ts';
import { createRunStore } from '../../../src/run/store.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { at, firstState } from '../lifetime/setup.ts';

const spot: Problem = { code: 'SPOT_INTERRUPTION', message: 'EC2 stops it', hint: '-' };
const stuck: Problem = { code: 'ENGINE_HOST_STUCK', message: 'it hung', hint: '-' };
const killed: Outcome = {
  kind: 'interrupted',
  problem: { code: 'TSUNG_INTERRUPTED', message: 'ended without a word', hint: '-' },
};
const stopped: Outcome = { kind: 'stopped' };

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('explain');
});

async function explain(
  outcome: Outcome,
  reason: Exit['reason'],
  state: Partial<RunState>,
  { rebooted = false } = {},
): Promise<string> {
  const folder = { ...runFolder(dir), engineDir: dir };
  const self = identify(process.pid);
  const bootId = rebooted ? 'another boot' : self?.bootId;
  const fired = { ...self, bootId, marker: 'm'.repeat(16), firedAt: at(0) };
  await writeFile(join(dir, 'fired.json'), JSON.stringify(fired));
  const store = createRunStore({ initial: { ...firstState, ...state }, onWriteError: () => {} });
  const exit = { startedAt: at(0), endedAt: at(1), reason };
  const said = await explained(outcome, exit, { folder, store });
  return said.kind === 'interrupted' ? `${said.problem.code}: ${said.problem.message}` : said.kind;
}

describe('a load that ended early', () => {
  const asked = { stopAskedAt: at(0) };
  it.each([
    ['was stopped from the page', stopped, 'stopped', asked, false, /^stopped$/],
    ['was stopped by a spot notice', stopped, 'stopped', { interruption: spot }, false, /^SPOT/],
    ['was taken away with its machine', killed, 'lost', { interruption: spot }, true, /^SPOT/],
    [
      'was stopped before the notice',
      stopped,
      'stopped',
      { ...asked, interruption: spot },
      false,
      /^stopped$/,
    ],
    [
      'went down with the machine',
      stopped,
      'stopped',
      {},
      true,
      /^ENGINE_INTERRUPTED: the machine was rebooted/,
    ],
    ['lost its power', killed, 'lost', {}, true, /^ENGINE_INTERRUPTED: the machine was rebooted/],
    [
      'was stopped by its service',
      stopped,
      'stopped',
      {},
      false,
      /^ENGINE_INTERRUPTED: .* from outside/,
    ],
    ['hung with its host', killed, 'lost', { interruption: stuck }, false, /^ENGINE_HOST_STUCK/],
    [
      'hung when it was to be stopped',
      killed,
      'lost',
      { ...asked, interruption: stuck },
      false,
      /^ENGINE_HOST_STUCK/,
    ],
    [
      'was stuck, and then ended as asked',
      stopped,
      'stopped',
      { ...asked, interruption: stuck },
      false,
      /^stopped$/,
    ],
    ['was killed', killed, 'lost', {}, false, /^TSUNG_INTERRUPTED/],
    [
      'came to its end before the notice',
      { kind: 'complete' },
      'ended',
      { interruption: spot },
      false,
      /^complete$/,
    ],
    ['ran out of disk', killed, 'disk-limit', { interruption: spot }, false, /^TSUNG_INTERRUPTED/],
  ] as const)('%s', async (_, outcome, reason, state, rebooted, expected) => {
    expect(await explain(outcome, reason, state, { rebooted })).toMatch(expected);
  });
});
