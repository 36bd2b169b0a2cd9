/** What run.json says the agent is waiting for while an engine runs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { nameEnd } from '../../../../src/agent/phases/awaited-end.ts';
import { runFolder } from '../../../../src/run/folder.ts';
import { createRunStore } from '../../../../src/run/store.ts';
import { temporaryFolder } from '../../../support/temporary.ts';
import { at, bootMs, firstState, hour } from '../../lifetime/setup.ts';

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('name-end');
  await mkdir(join(dir, 'engine'));
  const fired = { pid: 1, pidStartTime: 1, bootId: 'b', marker: 'm'.repeat(16), firedAt: at(0) };
  await writeFile(join(dir, 'engine/fired.json'), JSON.stringify(fired));
});

/** What an agent that starts this long after the engine names, in order. */
function named(upMs: number, durationMs: number) {
  const store = createRunStore({ initial: firstState, onWriteError: () => {} });
  const names: unknown[] = [];
  const asked = Promise.withResolvers<void>();
  const over = new AbortController();
  const heard = Promise.withResolvers<void>();
  store.subscribe(({ awaiting }) => {
    names.push(awaiting);
    heard.resolve();
  });
  const run = { folder: runFolder(dir), now: () => new Date(bootMs + upMs), store };
  const limits = { durationMs, minFreeBytes: 0 };
  const done = nameEnd(run, { limits }, { asked: asked.promise, signal: over.signal });
  return { asked, done, heard: heard.promise, names, over };
}

describe('the end of a load', () => {
  it('is where the plan puts it, also for an agent that is started again', async () => {
    const { done, heard, names, over } = named(hour, 6 * hour);
    await heard;
    over.abort();
    await done;
    expect(names).toEqual([{ what: 'the end of the load', since: at(0), until: at(6 * hour) }]);
  });

  it('that is overdue is said to be, without a time', async () => {
    const { done, names } = named(hour, hour);
    await done;
    expect(names.slice(1)).toEqual([
      { what: 'the end of the engine, whose time is up', since: at(hour) },
    ]);
  });

  it('is shown as requested once it is', async () => {
    const { asked, done, heard, names, over } = named(0, hour);
    await heard;
    asked.resolve();
    await asked.promise;
    await null;
    over.abort();
    await done;
    expect(names.slice(1)).toEqual([
      { what: 'the end of the engine, which was requested', since: at(0) },
    ]);
  });
});
