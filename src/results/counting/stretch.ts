/** Stretches of time that grow. */

/** A stretch of Unix time in milliseconds; one that ends before it starts is none. */
export type Stretch = { startedMs: number; endedMs: number };

export function nothingYet(): Stretch {
  return { startedMs: Number.POSITIVE_INFINITY, endedMs: Number.NEGATIVE_INFINITY };
}

export function extend(stretch: Stretch, startedMs: number, endedMs: number): void {
  stretch.startedMs = Math.min(stretch.startedMs, startedMs);
  stretch.endedMs = Math.max(stretch.endedMs, endedMs);
}
