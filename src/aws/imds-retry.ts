/** Asks the metadata service until it answers, and meanwhile reports what it waits for. */

import { OnagerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { backOff, wait } from '../retry.ts';
import { inWords } from './http.ts';

/** What is being waited for. `since`: ISO 8601 UTC. */
export type AwaitedMetadata = Readonly<{ what: string; since: string; lastAnswer: string }>;

export type RetryPace = Readonly<{ firstMs: number; capMs: number; maxRetryAfterMs: number }>;

/** An answer that says "not now"; `retryAfterMs` if the service said for how long. */
export class TemporaryError extends Error {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Repeats `read` until it succeeds or throws an OnagerError. `path` is below `/latest/`. */
type Persist = <T>(path: string, read: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export function createPatience({
  pace,
  onWaiting,
  log,
}: {
  pace: RetryPace;
  onWaiting(awaited: AwaitedMetadata): void;
  log: Log;
}): Persist {
  return async (path, read, signal) => {
    const what = `an answer from the instance metadata service to /latest/${path}`;
    const delays = backOff(pace);
    let since: string | undefined;
    for (;;) {
      try {
        return await read();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof OnagerError) throw error;
        const lastAnswer = inWords(error);
        if (since === undefined) log.warn({ path, lastAnswer }, 'waiting for the metadata service');
        since ??= new Date().toISOString();
        onWaiting({ what, since, lastAnswer });
        await wait(delayMs(error, delays.next().value, pace.maxRetryAfterMs), signal);
      }
    }
  };
}

function delayMs(error: unknown, ownMs: number, maxRetryAfterMs: number): number {
  if (!(error instanceof TemporaryError)) return ownMs;
  return Math.max(ownMs, Math.min(error.retryAfterMs, maxRetryAfterMs));
}
