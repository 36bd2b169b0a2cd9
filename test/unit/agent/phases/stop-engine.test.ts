/** The request to stop the engine, when the engine does not hear it at once. */
import { describe, expect, it } from 'vitest';
import { stopEngine } from '../../../../src/agent/phases/stop-engine.ts';
import type { Launcher } from '../../../../src/engine/launcher/launcher.ts';
import { silentLog } from '../../../../src/log.ts';
import { runFolder } from '../../../../src/run/folder.ts';

const pace = { firstMs: 1, capMs: 1 };

/** An engine that hears the request at the given attempt. */
function engine(heard: number) {
  const asked: string[] = [];
  const launcher: Pick<Launcher, 'stop'> = {
    async stop(dir) {
      asked.push(dir);
      if (asked.length < heard) throw new Error('polkit has no time');
    },
  };
  const run = { folder: runFolder('/run'), launcher: launcher as Launcher, log: silentLog() };
  return { asked, run };
}

describe('a wish to stop', () => {
  it('is repeated until it is heard, and then no more', async () => {
    const { asked, run } = engine(3);
    await stopEngine(run, new AbortController().signal, pace);
    expect(asked).toEqual(Array(3).fill('/run/engine'));
  });

  it('that is never heard ends with the run, and rejects nothing', async () => {
    const over = new AbortController();
    const { asked, run } = engine(Number.POSITIVE_INFINITY);
    const log = Object.assign(silentLog(), { error: () => asked.length > 4 && over.abort() });
    await stopEngine({ ...run, log }, over.signal, pace);
    expect(asked).toHaveLength(5);
  });
});
