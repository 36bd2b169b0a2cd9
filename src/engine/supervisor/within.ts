/** Waits for a promise, up to a time limit. */

import { waitAwake } from '../../retry.ts';

/** Undefined if it takes longer, counted while this process is awake. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  const over = new AbortController();
  const late = waitAwake(limitMs, over.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
