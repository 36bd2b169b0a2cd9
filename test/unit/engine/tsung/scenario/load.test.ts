/** The parts of a load that members plan are, together, the load that the scenario plans. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dealOf } from '../../../../../src/engine/deal.ts';
import { readLoad } from '../../../../../src/engine/tsung/scenario/load.ts';
import { parseTree } from '../../../../../src/engine/tsung/xml/tree.ts';

const rate = fc.oneof(
  fc
    .double({ min: 0.001, max: 500, noNaN: true })
    .map((value) => `arrivalrate="${value.toFixed(4)}"`),
  fc
    .double({ min: 0.002, max: 100, noNaN: true })
    .map((value) => `interarrival="${value.toFixed(4)}"`),
);
const most = fc.option(
  fc.nat({ max: 5_000 }).map((value) => ` maxnumber="${value}"`),
  { nil: '' },
);
const unit = fc.constantFrom('second', 'minute', 'hour');
const phases = fc.array(fc.tuple(rate, most, unit, fc.integer({ min: 1, max: 900 })), {
  minLength: 1,
  maxLength: 6,
});
const users = fc.array(fc.nat({ max: 2_000 }), { maxLength: 20 });
const ends = fc.option(fc.integer({ min: 1, max: 3_000 }), { nil: undefined });
const loads = fc
  .tuple(phases, users, ends, fc.nat({ max: 3 }))
  .map(([written, starts, end, loop]) => {
    const its = written.map(
      ([arrivals, cap, perUnit, seconds], at) =>
        `<arrivalphase phase="${at + 1}" duration="${seconds}"><users ${arrivals}${cap} unit="${perUnit}"/></arrivalphase>`,
    );
    const single = starts.map((start, at) => `<user session="s${at % 3}*" start_time="${start}"/>`);
    const cut = end === undefined ? '' : ` duration="${end}"`;
    return `<load loop="${loop}"${cut}>${its.join('')}${single.join('')}</load>`;
  });
const weights = fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 12 });

describe('the parts of a load', () => {
  it('add up to it: users exactly, rates to the last digit, at the same times', () => {
    fc.assert(
      fc.property(loads, weights, (text, all) => {
        const load = parseTree(text);
        const names = ['s0', 's0-too', 's1', 's2'];
        const whole = readLoad(load, names);
        const parts = all.map((_, index) => readLoad(load, names, dealOf({ index, weights: all })));
        expect(sum(parts.map((part) => part.users))).toBe(whole.users);
        for (const [at, phase] of whole.phases.entries()) {
          const own = parts.map((part) => part.phases[at]);
          expect(sum(own.map((its) => its?.users ?? 0))).toBe(phase.users ?? 0);
          const its = sum(own.map((one) => one?.arrivalRate ?? 0));
          expect(Math.abs(its - (phase.arrivalRate ?? 0))).toBeLessThanOrEqual(
            1e-9 * (phase.arrivalRate ?? 0),
          );
          expect(own.every((one) => one?.arrivalRate !== 0)).toBe(true);
        }
        const times = ({ phases: planned, durationMs, cutMs }: typeof whole): unknown => [
          planned.map(({ name, startMs, durationMs: lasts }) => [name, startMs, lasts]),
          durationMs,
          cutMs,
        ];
        for (const part of parts) expect(times(part)).toEqual(times(whole));
      }),
    );
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
