/** What run.json says while the agent waits for something. */
import { expect, it } from 'vitest';
import { fetchWait, noteWait } from '../../../src/agent/awaiting.ts';
import { createRunStore } from '../../../src/run/store.ts';
import type { FetchProgress } from '../../../src/scenario/fetch/fetch.ts';
import { firstState } from '../lifetime/setup.ts';

const start = Date.parse('2026-11-22T22:00:00Z');
const at = (seconds: number): string => new Date(start + seconds * 1_000).toISOString();
const lastProblem = {
  code: 'SCENARIO_UNREACHABLE',
  message: 'the server answers 503',
  hint: '',
} as const;

it('a fetch that fails says why, since when, and when it gives up; one that goes on says no more why', async () => {
  const store = createRunStore({ initial: firstState, onWriteError: () => undefined });
  let seconds = 0;
  let told = 0;
  store.subscribe(() => {
    told += 1;
  });
  const hear = async (progress: Partial<FetchProgress>): Promise<void> => {
    const heard = { attempt: 1, receivedBytes: 0, leftMs: 600_000, ...progress };
    await noteWait(
      { store, now: () => new Date(start + seconds * 1_000) },
      fetchWait('s3://a/b', heard),
    );
  };
  await noteWait({ store, now: () => new Date(start) }, { what: 'the scenario from s3://a/b' });
  expect(store.current().awaiting).toEqual({ what: 'the scenario from s3://a/b', since: at(0) });

  seconds = 1;
  await hear({ leftMs: 599_000, lastProblem });
  const waiting = { what: 'the scenario from s3://a/b', since: at(0), until: at(600) };
  expect(store.current().awaiting).toEqual({ ...waiting, lastAnswer: 'the server answers 503' });

  seconds = 3;
  await hear({ leftMs: 598_500, lastProblem });
  expect(told).toBe(2);

  seconds = 30;
  await hear({ receivedBytes: 4_096, lastProblem });
  expect(store.current().awaiting).toEqual({ ...waiting, until: at(630) });
});

it('a wait with a limit is given up that long after it was first reported', async () => {
  const store = createRunStore({ initial: firstState, onWriteError: () => undefined });
  const wait = { what: 'the addresses of the targets', limitMs: 300_000 };
  await noteWait({ store, now: () => new Date(start) }, wait);
  await noteWait({ store, now: () => new Date(start + 9_000) }, { ...wait, lastAnswer: 'no' });
  expect(store.current().awaiting).toEqual({
    what: wait.what,
    since: at(0),
    until: at(300),
    lastAnswer: 'no',
  });
});
