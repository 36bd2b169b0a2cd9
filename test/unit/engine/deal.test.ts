/** What is dealt to members adds up, whatever they weigh, and nothing is dealt twice. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deal, dealOf, ownCount, ownPart } from '../../../src/engine/deal.ts';

const weights = fc.array(fc.integer({ min: 1, max: 48 }), { minLength: 1, maxLength: 40 });

const dealsOf = (all: readonly number[]): readonly Deal[] =>
  all.map((_, index) => dealOf({ index, weights: all }));

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

describe('a deal', () => {
  it('is by turns among equals', () => {
    expect(dealsOf([8, 8, 8])).toEqual([
      { cycle: 3, slots: [0] },
      { cycle: 3, slots: [1] },
      { cycle: 3, slots: [2] },
    ]);
  });

  it('gives each place to one member, and so many of them as it weighs', () => {
    fc.assert(
      fc.property(weights, (all) => {
        const deals = dealsOf(all);
        const [{ cycle } = { cycle: 0 }] = deals;
        const places = deals.flatMap(({ slots }) => slots).toSorted((a, b) => a - b);
        expect(places).toEqual([...Array(cycle).keys()]);
        for (const [index, { slots }] of deals.entries()) {
          expect(slots.length * sum(all)).toBe((all[index] ?? 0) * cycle);
          expect(slots).toEqual(slots.toSorted((a, b) => a - b));
        }
      }),
    );
  });

  it('is spread, however much more one weighs', () => {
    const all = [20, ...Array<number>(20).fill(1)];
    const [heavy = { cycle: 0, slots: [] }] = dealsOf(all);
    expect([10, 20, 30].map((count) => ownCount(heavy, count))).toEqual([6, 10, 15]);
  });

  it('divides every count without a rest, each within two of its part', () => {
    fc.assert(
      fc.property(weights, fc.nat(), (all, count) => {
        const own = dealsOf(all).map((deal) => ownCount(deal, count));
        expect(sum(own)).toBe(count);
        for (const [index, its] of own.entries()) {
          expect(Math.abs(its - (count * (all[index] ?? 0)) / sum(all))).toBeLessThan(2);
        }
      }),
    );
  });

  it('divides a rate to the last digit', () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (all, rate) => {
        const own = dealsOf(all).map((deal) => ownPart(deal, rate));
        expect(Math.abs(sum(own) / rate - 1)).toBeLessThan(1e-12);
      }),
    );
  });

  it('is made for a thousand members', () => {
    const all = Array.from({ length: 1_000 }, (_, index) => (index % 2 === 0 ? 95 : 96));
    const { cycle, slots } = dealOf({ index: 999, weights: all });
    expect([cycle, slots.length]).toEqual([95_500, 96]);
  });
});
