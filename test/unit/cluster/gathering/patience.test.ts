/** A member that had no processor has lost no patience. */
import { expect, it } from 'vitest';
import { createPatience } from '../../../../src/cluster/gathering/patience.ts';

it('counts the time between two looks up to a step', () => {
  let nowMs = 1_000;
  const patience = createPatience(6_000, () => nowMs);
  nowMs += 1_000;
  expect(patience.passedMs()).toBe(1_000);
  nowMs += 3_600_000;
  expect(patience.passedMs()).toBe(7_000);
  nowMs += 500;
  expect(patience.passedMs()).toBe(7_500);
});
