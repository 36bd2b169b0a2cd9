/** Round values for the logarithmic axis of a histogram. Pure. */

/** The rounder a number, the earlier it is given a place. */
const leads = [
  1,
  5,
  2,
  3,
  7,
  1.5,
  4,
  8,
  6,
  9,
  ...Array.from({ length: 90 }, (_, at) => 1 + at / 10),
];

/** `least`: how far apart two of them are, as a share of the axis. */
export function histogramTicks(low: number, high: number, least: number): readonly number[] {
  const place = (value: number): number => Math.log(value / low) / Math.log(high / low);
  const decades = Array.from(
    { length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, index) => Math.floor(Math.log10(low)) + index,
  );
  const wanted = leads.flatMap((lead) => decades.map((decade) => round(lead * 10 ** decade)));
  const chosen: number[] = [];
  for (const value of wanted) {
    const isInside = value >= low && value <= high;
    if (!isInside || chosen.some((other) => Math.abs(place(other) - place(value)) < least))
      continue;
    chosen.push(value);
  }
  return chosen.toSorted((a, b) => a - b);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
