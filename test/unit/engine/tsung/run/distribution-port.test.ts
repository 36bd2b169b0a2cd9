/** Members of a cluster on one machine must not choose the same port. */

import { expect, it } from 'vitest';
import { distributionPort } from '../../../../../src/engine/tsung/run/distribution-port.ts';

const draws = Array.from({ length: 50 }, () => 0);

it.each([2, 3, 12, 100])('no two of %i members ever have the same', (count) => {
  const weights = Array.from({ length: count }, () => 2);
  const owners = new Map<number, number>();
  for (let index = 0; index < count; index++) {
    for (const _ of draws) {
      const port = distributionPort({ index, weights });
      expect(owners.get(port) ?? index).toBe(index);
      owners.set(port, index);
    }
  }
  expect(owners.size).toBeGreaterThan(count);
});

it('is one of those that Tsung chooses from, also for more members than there are', () => {
  const weights = Array.from({ length: 5_000 }, () => 1);
  for (const index of [0, 1_500, 1_501, 4_999]) {
    const port = distributionPort({ index, weights });
    expect(port).toBeGreaterThanOrEqual(64_000);
    expect(port).toBeLessThanOrEqual(65_500);
  }
  for (const _ of draws) expect(distributionPort()).toBeLessThanOrEqual(65_500);
});
