/** Whether a load that came to its end was fired at all. */
import { expect, it } from 'vitest';
import type { LoadEnd } from '../../../src/run/load-end.ts';
import { unlessNothingFired } from '../../../src/run/nothing-fired.ts';

const exit = { startedAt: '', endedAt: '', reason: 'ended' } as const;
const complete: LoadEnd = { exit, outcome: { kind: 'complete' }, warnings: [] };

it.each([
  ['no user of sixty', 60, { requests: 0, usersStarted: 0 }],
  ['two of a hundred and twenty, without an answer', 120, { requests: 0, usersStarted: 2 }],
])('%s is a failure', (_, plannedUsers, fired) => {
  expect(unlessNothingFired(complete, { plannedUsers }, fired).outcome).toMatchObject({
    kind: 'failed',
    problem: { code: 'ENGINE_NOTHING_FIRED' },
  });
});

it.each([
  ['a load with answers', 60, { requests: 1, usersStarted: 2 }],
  ['sessions that send nothing', 60, { requests: 0, usersStarted: 60 }],
  ['a member without users', 0, { requests: 0, usersStarted: 0 }],
  ['an engine that does not count users', 60, { requests: 0 }],
  ['a plan without a number of users', undefined, { requests: 0, usersStarted: 0 }],
])('%s ends as it ended', (_, plannedUsers, fired) => {
  const plan = plannedUsers === undefined ? {} : { plannedUsers };
  expect(unlessNothingFired(complete, plan, fired)).toBe(complete);
});

it('a load that was stopped is not blamed', () => {
  const stopped: LoadEnd = { ...complete, outcome: { kind: 'stopped' } };
  expect(unlessNothingFired(stopped, { plannedUsers: 9 }, { requests: 0, usersStarted: 0 })).toBe(
    stopped,
  );
});
