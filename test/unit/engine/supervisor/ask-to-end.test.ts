/** An engine is asked to end for no longer than it runs. */

import { expect, it } from 'vitest';
import { askToEnd } from '../../../../src/engine/supervisor/ask-to-end.ts';
import { silentLog } from '../../../../src/log.ts';
import { fakeEngine, fakePlan } from '../../../support/fake-engine.ts';

it('does not wait for an answer of an engine that has ended', async () => {
  const sent: string[] = [];
  const asking = {
    engine: { ...fakeEngine, requestStop: () => new Promise<void>(() => undefined) },
    plan: {
      ...fakePlan({ mode: 'end', outputDir: '/x' }),
      stop: { signal: 'SIGINT', graceMs: 1 } as const,
    },
    log: silentLog(),
    timing: { requestStopMs: 3_600_000, stopGraceMs: 3_600_000 },
  };
  const sendSignal = (signal: NodeJS.Signals): boolean => sent.push(signal) > 0;
  await askToEnd(asking, { ended: Promise.resolve({ exitCode: 0 }), sendSignal }, 'stopped');
  expect(sent).toEqual([]);
});
