/** The planned load over time. */

import type { LoadPhase } from '../../engine/engine.ts';

/**
 * The planned arrival rate in users per second at each time, or undefined where the plan does not
 * say.
 */
export function planned(
  phases: readonly LoadPhase[],
  times: readonly number[],
  originSeconds: number,
): readonly (number | null)[] | undefined {
  if (!phases.some(({ arrivalRate }) => arrivalRate !== undefined)) return undefined;
  return times.map((seconds) => {
    const phase = phaseAt(phases, (seconds - originSeconds) * 1000);
    return phase?.arrivalRate ?? null;
  });
}

/** The phase of the load at this time since its start. */
export function phaseAt(phases: readonly LoadPhase[], atMs: number): LoadPhase | undefined {
  return phases.find(
    ({ startMs, durationMs }) => atMs >= startMs - 500 && atMs < startMs + durationMs - 500,
  );
}

/** An engine may name a phase of the load by a number only. */
export function phaseLabel(name: string): string {
  return /^\d+$/.test(name) ? `phase ${name}` : name;
}
