/** Converts the counted microseconds to the reported milliseconds. */

export function milliseconds(us: number | undefined): number | null {
  return us === undefined || Number.isNaN(us) ? null : us / 1_000;
}

/** Rounds to 4 significant digits, since the value is not known more precisely. */
export function rounded(value: number | null): number | null {
  // The powers of ten do not reach the smallest numbers.
  if (value === null || !(Math.abs(value) > 1e-300)) return value;
  const digits = 3 - Math.floor(Math.log10(Math.abs(value)));
  // Whole numbers divided by powers of ten, or times them, are the nearest there are to what their
  // decimals say.
  const scale = 10 ** Math.abs(digits);
  return digits < 0 ? Math.round(value / scale) * scale : Math.round(value * scale) / scale;
}
