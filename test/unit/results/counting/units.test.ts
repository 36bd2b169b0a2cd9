/** How numbers are written. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rounded } from '../../../../src/results/counting/units.ts';

describe('a rounded number', () => {
  it('has four significant digits, and is the shortest that says them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: -9, max: 9 }),
        (digits, exponent) => {
          const told = Number(`${digits}e${exponent}`);
          expect(rounded(told)).toBe(told);
          expect(rounded(told * (1 + 1e-6))).toBe(told);
        },
      ),
    );
  });

  it.each([
    [null, null],
    [0, 0],
    [1234.56, 1235],
    [98_765.4, 98_770],
    [0.000123456, 0.0001235],
    [Number.NaN, Number.NaN],
  ])('of %s is %s', (value, told) => {
    expect(rounded(value)).toBe(told);
  });
});
