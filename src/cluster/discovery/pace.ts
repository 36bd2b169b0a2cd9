/** How often members are looked for, in each of the ways. */

/**
 * `greetMs`: between two hellos to an address that is known, in its first minute; ten times that
 * later. `tagMs`: between two looks at the tag. `firstLookMs`, `lookCapMs`: between two questions
 * to the API or the bucket, at first and at most. `untilSweepMs`: so long the first sweep waits for
 * their first answers. `beginMs`: how much later it begins, at most.
 * `sweepsMs`: between two sweeps; the last one again and again. `aloneMs`: how long nobody may
 * answer until the user is told why that may be.
 */
export type DiscoveryPace = Readonly<{
  greetMs: number;
  tagMs: number;
  firstLookMs: number;
  lookCapMs: number;
  untilSweepMs: number;
  beginMs: number;
  sweepsMs: readonly [number, ...number[]];
  aloneMs: number;
}>;

export const defaultPace: DiscoveryPace = {
  greetMs: 1_000,
  tagMs: 5_000,
  firstLookMs: 2_000,
  lookCapMs: 30_000,
  untilSweepMs: 3_000,
  beginMs: 1_000,
  sweepsMs: [30_000, 60_000, 120_000],
  aloneMs: 30_000,
};
