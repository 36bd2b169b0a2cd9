/** Waiting between attempts: capped exponential back-off that can be told to stop. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Delays in milliseconds: `firstMs`, doubling up to `capMs`, each shortened at random by up to a quarter, without end. */
export function* backOff({
  firstMs,
  capMs,
  random = Math.random,
}: {
  firstMs: number;
  capMs: number;
  random?: () => number;
}): Generator<number, never> {
  for (let delayMs = firstMs; ; delayMs = Math.min(delayMs * 2, capMs)) {
    yield Math.round(Math.min(delayMs, capMs) * (1 - random() / 4));
  }
}

/** Resolves after `delayMs`; rejects with the signal's reason as soon as it is aborted. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal });
}
