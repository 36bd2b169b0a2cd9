/** Why a generator is not called valid. */

/**
 * `strained`: it came near a limit of its own, so its own delays may be in what it measured.
 * `suspect`: it went beyond one, or the load was not the planned one, or nobody knows.
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
