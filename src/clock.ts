/** The beat of whole seconds: what everybody does once a second is done at the same moments, so that fewer of them cost an engine its processor. */

/**
 * Milliseconds until `afterMs` past the next multiple of `everyMs` of Unix time, but at least half of `everyMs`: a timer that is a
 * little early does not beat twice.
 */
export function msToNextTick({
  everyMs = 1_000,
  afterMs = 0,
}: Readonly<{ everyMs?: number; afterMs?: number }> = {}): number {
  const nextMs = everyMs - ((Date.now() - afterMs) % everyMs);
  return nextMs <= everyMs / 2 ? nextMs + everyMs : nextMs;
}
