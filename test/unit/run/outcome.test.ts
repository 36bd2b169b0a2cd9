/** Why a load ended: every combination of what is known. */
import { describe, expect, it } from 'vitest';
import type { Exit, Outcome } from '../../../src/engine/engine.ts';
import type { Problem } from '../../../src/errors.ts';
import { outcomeOf, outcomeWithoutLoad } from '../../../src/run/outcome.ts';
import type { RunState } from '../../../src/run/state.ts';

const problem = (code: Problem['code']): Problem => ({ code, message: 'x', hint: 'y' });
const told: Record<'stopped' | 'lost', Outcome> = {
  stopped: { kind: 'stopped' },
  lost: { kind: 'interrupted', problem: problem('TSUNG_INTERRUPTED') },
};
const interruptions: Record<string, Pick<RunState, 'interruption'>> = {
  none: {},
  spot: { interruption: problem('SPOT_INTERRUPTION') },
  stuck: { interruption: problem('ENGINE_HOST_STUCK') },
};
const asked = { stopAskedAt: '2026-11-22T22:00:00.000Z' };
const boots = { same: { bootId: 'a' }, other: { bootId: 'b' }, unknown: {} } as const;

function inWords(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'none';
  if (outcome.kind !== 'interrupted') return outcome.kind;
  const { code, message } = outcome.problem;
  if (code !== 'ENGINE_INTERRUPTED') return code;
  return /rebooted/.test(message) ? 'rebooted' : 'from outside';
}

describe('the outcome of a load whose engine was stopped or lost', () => {
  const rows = [
    { reason: 'stopped', by: 'none', same: 'from outside', other: 'rebooted' },
    { reason: 'stopped', by: 'spot', same: 'SPOT_INTERRUPTION', other: 'SPOT_INTERRUPTION' },
    { reason: 'stopped', by: 'stuck', same: 'ENGINE_HOST_STUCK', other: 'ENGINE_HOST_STUCK' },
    { reason: 'lost', by: 'none', same: 'TSUNG_INTERRUPTED', other: 'rebooted' },
    { reason: 'lost', by: 'spot', same: 'SPOT_INTERRUPTION', other: 'SPOT_INTERRUPTION' },
    { reason: 'lost', by: 'stuck', same: 'ENGINE_HOST_STUCK', other: 'ENGINE_HOST_STUCK' },
  ] as const;

  it.each(rows)('$reason, interrupted by: $by', ({ reason, by, same, other }) => {
    const facts = { told: told[reason], reason, firedBootId: 'a', ...interruptions[by] };
    expect(inWords(outcomeOf({ ...facts, ...boots.same }))).toBe(same);
    expect(inWords(outcomeOf({ ...facts, ...boots.other }))).toBe(other);
    expect(inWords(outcomeOf({ ...facts, ...boots.unknown }))).toBe(same);
    expect(inWords(outcomeOf({ ...facts, ...boots.other, firedBootId: undefined }))).toBe(same);
  });

  const askedRows = [
    { reason: 'stopped', by: 'none', expected: 'stopped' },
    { reason: 'stopped', by: 'spot', expected: 'stopped' },
    { reason: 'stopped', by: 'stuck', expected: 'stopped' },
    { reason: 'lost', by: 'none', expected: 'TSUNG_INTERRUPTED' },
    { reason: 'lost', by: 'spot', expected: 'TSUNG_INTERRUPTED' },
    { reason: 'lost', by: 'stuck', expected: 'ENGINE_HOST_STUCK' },
  ] as const;

  it.each(askedRows)('$reason, as it was asked to, interrupted by: $by', (row) => {
    const { reason, by, expected } = row;
    for (const boot of Object.values(boots)) {
      const facts = { told: told[reason], reason, firedBootId: 'a', ...boot };
      expect(inWords(outcomeOf({ ...facts, ...asked, ...interruptions[by] }))).toBe(expected);
    }
  });
});

describe("the scenario's own verdict", () => {
  const verdict = { ok: false, message: 'p95 of buy' };

  it.each([
    ['stopped from outside', {}],
    ['rebooted', { bootId: 'b' }],
    ['interrupted', { interruption: problem('SPOT_INTERRUPTION') }],
    ['stuck', { interruption: problem('ENGINE_HOST_STUCK') }],
  ])('is kept whatever else ended the run: %s', (_, known) => {
    for (const kind of ['stopped', 'lost'] as const) {
      const facts = { told: { ...told[kind], verdict }, reason: kind, firedBootId: 'a', ...known };
      expect(outcomeOf(facts)).toHaveProperty('verdict', verdict);
    }
    const without = outcomeOf({ told: told.stopped, reason: 'stopped', ...known });
    expect(without).not.toHaveProperty('verdict');
  });
});

const otherReasons: readonly Exit['reason'][] = [
  'ended',
  'duration-limit',
  'disk-limit',
  'stalled',
  'drain-limit',
  'spawn-failed',
];

it.each(otherReasons)('an engine that ended by %s ended as its adapter says', (reason) => {
  const outcomes: readonly Outcome[] = [
    { kind: 'complete' },
    { kind: 'cut' },
    { kind: 'failed', problem: problem('TSUNG_STALLED') },
    { kind: 'interrupted', problem: problem('TSUNG_INTERRUPTED') },
  ];
  for (const outcome of outcomes)
    for (const by of Object.values(interruptions))
      for (const wish of [{}, asked])
        for (const boot of Object.values(boots)) {
          const facts = { told: outcome, reason, firedBootId: 'a', ...boot, ...by, ...wish };
          expect(outcomeOf(facts)).toBe(outcome);
        }
});

describe('the outcome of a run without an end of its load', () => {
  it.each([
    { by: 'none', wish: {}, unfired: 'none', fired: 'none' },
    { by: 'spot', wish: {}, unfired: 'SPOT_INTERRUPTION', fired: 'SPOT_INTERRUPTION' },
    { by: 'none', wish: asked, unfired: 'stopped', fired: 'none' },
    { by: 'spot', wish: asked, unfired: 'stopped', fired: 'none' },
  ])('interrupted by: $by, asked: $wish', ({ by, wish, unfired, fired }) => {
    const state = { ...interruptions[by], ...wish };
    expect(inWords(outcomeWithoutLoad(state, { hasFired: false }))).toBe(unfired);
    expect(inWords(outcomeWithoutLoad(state, { hasFired: true }))).toBe(fired);
  });
});
