/** Why a generator is not considered valid. */

/**
 * `strained`: it came close to one of its limits, so its own delays may be in the measurements.
 * `suspect`: it exceeded one, or the load was not the planned one, or that is not known.
 */
export type Reason = Readonly<{ verdict: 'strained' | 'suspect'; text: string }>;

export function strained(text: string): Reason {
  return { verdict: 'strained', text };
}

export function suspect(text: string): Reason {
  return { verdict: 'suspect', text };
}

export function percent(value: number): string {
  return `${value > 0 && value < 1 ? '< 1' : Math.round(value)} %`;
}

export function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
