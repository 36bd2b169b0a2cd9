/** Random numbers that can be repeated by their seed: `SEED=123` in the environment. */

/** Tests that use it have the seed in their names, so that a failure shows it. */
export const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

/** Numbers from 0 to below 1, by mulberry32. */
export function createRandom(from = seed): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
