/** From microseconds, as they are counted, to milliseconds, as they are told. */

export function milliseconds(us: number | undefined): number | null {
  return us === undefined || Number.isNaN(us) ? null : us / 1_000;
}

/** To 4 significant digits: what is known no better need not be written longer. */
export function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}
