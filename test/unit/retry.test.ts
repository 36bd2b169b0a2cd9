/** Patience counted in steps: a process that was stopped has not waited. */

import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { waitAwake } from '../../src/retry.ts';

it('a process without a processor loses one step of its patience, however long that took', async () => {
  let isOver = false;
  const over = waitAwake(200, AbortSignal.timeout(60_000), 20).then(() => {
    isOver = true;
  });
  // Three times all of its patience, in which it runs no timer.
  for (const startedMs = performance.now(); performance.now() - startedMs < 600; );
  await turn();
  await turn();
  expect(isOver).toBe(false);
  await over;
});

it('ends with the signal', async () => {
  const signal = AbortSignal.abort();
  await expect(waitAwake(1_000, signal)).rejects.toMatchObject({ name: 'AbortError' });
});
