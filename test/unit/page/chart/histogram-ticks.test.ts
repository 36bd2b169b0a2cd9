/** The ticks of the histogram: several, at round values. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { histogramTicks } from '../../../../src/page/chart/histogram-ticks.ts';

it.each([
  [8, 2_000, [10, 30, 100, 300, 1_000]],
  [20, 90, [20, 30, 40, 50, 70, 90]],
  [200, 230, [200, 210, 220, 230]],
  [0.4, 40, [0.5, 1, 2, 5, 10, 20, 40]],
])('from %d to %d ms', (low, high, ticks) => {
  expect(histogramTicks(low, high, 0.14)).toEqual(ticks);
});

it('are inside, apart from each other, and at least two where the axis is a decade long', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 10_000, noNaN: true }),
      fc.double({ min: 1.02, max: 1e6, noNaN: true }),
      (low, factor) => {
        const high = low * factor;
        const ticks = histogramTicks(low, high, 0.14);
        const places = ticks.map((tick) => Math.log(tick / low) / Math.log(factor));
        for (const [index, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(-1e-9);
          expect(place).toBeLessThanOrEqual(1 + 1e-9);
          if (index > 0) expect(place - (places[index - 1] ?? 0)).toBeGreaterThanOrEqual(0.139);
        }
        if (factor >= 10) expect(ticks.length).toBeGreaterThanOrEqual(2);
      },
    ),
  );
});
