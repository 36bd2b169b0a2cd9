/**
 * The tick of whole seconds: everything that is done once a second is done at the same moment, so
 * that it interrupts an engine less often.
 */

/**
 * Milliseconds until `afterMs` past the next multiple of `everyMs` of Unix time, but at least half
 * of `everyMs`: a timer that fires a little early does not tick twice.
 */
export function msToNextTick({
  everyMs = 1_000,
  afterMs = 0,
}: Readonly<{ everyMs?: number; afterMs?: number }> = {}): number {
  const nextMs = everyMs - ((Date.now() - afterMs) % everyMs);
  return nextMs <= everyMs / 2 ? nextMs + everyMs : nextMs;
}
