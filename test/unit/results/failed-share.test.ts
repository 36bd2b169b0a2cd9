/** Shares of failures, as numbers and in words. */
import { describe, expect, it } from 'vitest';
import { errorShareOf, percentOf } from '../../../src/results/failed-share.ts';

describe('a share of errors', () => {
  it.each([
    [0, '0.00 %'],
    [0.000_04, '< 0.01 %'],
    [0.124, '12.40 %'],
    [0.999_96, '> 99.99 %'],
    [1, '100.00 %'],
  ])('%d is %s', (share, words) => {
    expect(percentOf(share)).toBe(words);
  });

  it('is not known of nothing', () => {
    const none = { requests: 0, otherErrors: 0, errorShare: 0 };
    expect(errorShareOf(none)).toBeUndefined();
    expect(errorShareOf({ ...none, requests: 1 })).toBe(0);
  });
});
