/** Tells the generator's own delay in words, the same for every viewer. */

import type { GeneratorDelay } from '../measurements.ts';

export function delayInWords({ p50Ms, p99Ms, maxMs }: GeneratorDelay): string {
  return `the generator's own delay: p50 ${inMs(p50Ms)}, p99 ${inMs(p99Ms)}, max ${inMs(maxMs)}`;
}

/** Three significant digits: `0.073 ms`, `2.31 ms`, `1.04 s`. */
export function inMs(ms: number): string {
  const [value, unit] = ms < 1_000 ? [ms, 'ms'] : [ms / 1_000, 's'];
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`;
}
