/** By how much another machine's clock is ahead of this one's, from questions and answers. */

/** `roundTripMs`: how long the answer took; the offset is known to half of that. */
export type ClockOffset = Readonly<{ offsetMs: number; roundTripMs: number }>;

type Exchange = Readonly<{ askedMs: number; answeredMs: number; theirsMs: number }>;

/** How many answers count: clocks drift, and are set. */
const latest = 8;

export function createClockOffset(): Readonly<{
  add(exchange: Exchange): void;
  /** By the fastest of the latest answers: the least of its way is unknown. */
  best(): ClockOffset | undefined;
}> {
  const known: ClockOffset[] = [];
  return {
    add({ askedMs, answeredMs, theirsMs }) {
      const roundTripMs = answeredMs - askedMs;
      known.push({ offsetMs: theirsMs - (askedMs + answeredMs) / 2, roundTripMs });
      if (known.length > latest) known.shift();
    },
    best: () =>
      known.reduce<ClockOffset | undefined>(
        (best, one) => (best === undefined || one.roundTripMs < best.roundTripMs ? one : best),
        undefined,
      ),
  };
}
