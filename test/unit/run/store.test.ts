/** How the state of a run changes, in memory and on disk. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRunStore, readRunState } from '../../../src/run/store.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { firstState } from '../lifetime/setup.ts';

const startMs = Date.parse('2026-11-22T22:10:00.000Z');

function storeAt() {
  const world = { ms: startMs };
  const store = createRunStore({
    initial: firstState,
    onWriteError(error) {
      throw error;
    },
    now: () => new Date(world.ms),
  });
  return { store, world };
}

it('ends a phase where the next begins, and what the run waited for with it', async () => {
  const { store, world } = storeAt();
  await store.enter({ phase: 'fetching' });
  await store.note({ awaiting: { what: 'bytes', since: '2026-11-22T22:10:00.000Z' } });
  world.ms += 1_000;
  await store.enter({ phase: 'reporting', outcome: { kind: 'cut' } });
  expect(store.current()).toMatchObject({ phase: 'reporting', outcome: { kind: 'cut' } });
  expect(store.current()).not.toHaveProperty('awaiting');
  expect(store.current().phases).toEqual([
    {
      phase: 'fetching',
      startedAt: '2026-11-22T22:10:00.000Z',
      endedAt: '2026-11-22T22:10:01.000Z',
    },
    { phase: 'reporting', startedAt: '2026-11-22T22:10:01.000Z' },
  ]);
});

it('takes another outcome in the same phase, which goes on', async () => {
  const { store } = storeAt();
  await store.enter({ phase: 'reporting', outcome: { kind: 'complete' } });
  const { phases } = store.current();
  await store.enter({ phase: 'reporting', outcome: { kind: 'stopped' } });
  expect(store.current()).toMatchObject({ outcome: { kind: 'stopped' }, phases });
});

it('has no outcome left in a phase that comes before the end', async () => {
  const { store } = storeAt();
  await store.enter({ phase: 'failed', outcome: { kind: 'stopped' } });
  await store.enter({ phase: 'idle' });
  expect(store.current()).not.toHaveProperty('outcome');
});

it('is read back as it was kept, in every phase', async () => {
  const path = join(await temporaryFolder('store'), 'run.json');
  const { store } = storeAt();
  expect(await readRunState(path)).toBeUndefined();
  await store.keepIn(path);
  const outcome = { kind: 'complete' } as const;
  for (const stage of [
    { phase: 'fetching' },
    { phase: 'reporting', outcome },
    { phase: 'finished', outcome },
  ] as const) {
    await store.enter(stage);
    expect(await readRunState(path)).toEqual(store.current());
  }
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(store.current());
});
