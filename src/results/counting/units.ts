/** From microseconds, as they are counted, to milliseconds, as they are told. */

export function milliseconds(us: number | undefined): number | null {
  return us === undefined || Number.isNaN(us) ? null : us / 1_000;
}

/** To 4 significant digits: what is known no better need not be written longer. */
export function rounded(value: number | null): number | null {
  // Powers of ten end before the smallest numbers do.
  if (value === null || !(Math.abs(value) > 1e-300)) return value;
  const digits = 3 - Math.floor(Math.log10(Math.abs(value)));
  // Whole numbers divided by powers of ten, or times them, are the nearest there are to what their
  // decimals say.
  const scale = 10 ** Math.abs(digits);
  return digits < 0 ? Math.round(value / scale) * scale : Math.round(value * scale) / scale;
}
