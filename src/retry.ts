/**
 * Waiting that a signal can end: between attempts, by capped exponential back-off, and by a
 * patience that counts only while this process is awake.
 */

import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Delays in milliseconds: `firstMs`, doubling up to `capMs`, each shortened at random by up to a
 * quarter, without end.
 */
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

/**
 * Resolves after `delayMs` in which this process was awake. It counts steps: a process that was
 * stopped, or had no processor, loses one step of its patience and not all of it, and handles what
 * has arrived meanwhile first.
 */
export async function waitAwake(
  delayMs: number,
  signal: AbortSignal,
  stepMs = Math.min(1_000, Math.max(20, delayMs / 10)),
): Promise<void> {
  for (let leftMs = delayMs; leftMs > 0; leftMs -= stepMs)
    await wait(Math.min(leftMs, stepMs), signal);
}

/** Resolves after `delayMs`; rejects with the signal's reason as soon as it is aborted. */
export async function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  await sleep(delayMs, undefined, { signal });
}

/** Waits for what cannot be ended itself; rejects with the signal's reason once it is aborted. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
