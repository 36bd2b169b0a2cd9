/** How long a member has waited: a member that had no processor has lost no patience. */

type CountedWait = Readonly<{ passedMs(): number }>;

/** `stepMs`: the longest time between two looks that counts. */
export function createPatience(stepMs: number, now = () => performance.now()): CountedWait {
  let lastMs = now();
  let passedMs = 0;
  return {
    passedMs() {
      const nowMs = now();
      passedMs += Math.min(nowMs - lastMs, stepMs);
      lastMs = nowMs;
      return passedMs;
    },
  };
}
