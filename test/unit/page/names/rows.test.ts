/** Which rows the table shows, and how rates are drawn. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { perSecond, windowOf } from '../../../../src/page/chart/rates.ts';
import { defaultSort, rowsOf } from '../../../../src/page/names/rows.ts';
import { storefront } from '../../../support/page-fixture.ts';

const { names } = storefront().summary;
const all = { sort: defaultSort, filter: '', kind: 'main' } as const;

describe('rows', () => {
  it('come by count first', () => {
    expect(rowsOf(names, all)[0]?.name).toBe('GET /');
  });

  it('put what was not measured last, in both directions', () => {
    const [first, ...rest] = names;
    const { latency, ...unmeasured } = first ?? fail();
    for (const descending of [true, false]) {
      const rows = rowsOf([unmeasured, ...rest], { ...all, sort: { key: 'p99', descending } });
      expect(rows.at(-1)?.name).toBe(unmeasured.name);
    }
  });

  it('sort names as people count', () => {
    const numbered = names
      .slice(0, 3)
      .map((stats, index) => ({ ...stats, name: `r${[10, 9, 1][index]}` }));
    const rows = rowsOf(numbered, { ...all, sort: { key: 'name', descending: false } });
    expect(rows.map(({ name }) => name)).toEqual(['r1', 'r9', 'r10']);
  });
});

describe('rates', () => {
  it('are exact where the eye can tell every step apart', () => {
    expect(windowOf(180)).toBe(1);
    expect(perSecond([10, null, 30], 2_000)).toEqual([5, null, 15]);
  });

  it('are means of their surroundings where it cannot, without what was not measured', () => {
    expect(windowOf(3_600)).toBe(30);
    expect(perSecond([1, 2, 3, null, 5], 1_000, 3)).toEqual([1.5, 2, 2.5, null, 5]);
  });

  it('never leave the range of what was measured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        (counts, window) => {
          for (const rate of perSecond(counts, 1_000, window)) {
            expect(rate).toBeGreaterThanOrEqual(Math.min(...counts) - 1e-9);
            expect(rate).toBeLessThanOrEqual(Math.max(...counts) + 1e-9);
          }
        },
      ),
    );
  });
});

function fail(): never {
  throw new Error('the fixture has no names');
}
