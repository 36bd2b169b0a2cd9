/** The verdict on the generators of a cluster, in words. */

import { describe, expect, it } from 'vitest';
import type { GeneratorSample } from '../../../../src/engine/generator/sample.ts';
import { type Collector, createCollector } from '../../../../src/results/collect.ts';
import { type PlannedLoad, partOf } from '../../../../src/results/generator/planned-users.ts';
import { calm, delayed, interval, startMs, totals } from '../batches.ts';

const seconds = 20;
const plan: PlannedLoad = {
  plannedUsers: 400,
  plannedDurationMs: seconds * 1_000,
  loadPhases: [{ name: '1', startMs: 0, durationMs: seconds * 1_000, arrivalRate: 20, users: 400 }],
};

type Fired = Readonly<{
  until?: number;
  usersPerSecond?: number;
  machine?: Partial<GeneratorSample>;
  isWatched?: boolean;
  errors?: Readonly<Record<string, number>>;
  lateMs?: number;
}>;

function fire(collector: Collector, member: number, fired: Fired = {}): void {
  const { until = seconds + 1, usersPerSecond = 10, machine = {}, isWatched = true } = fired;
  const intake = collector.of(member);
  for (let at = 0; at < until; at += 1) {
    const ms = startMs + at * 1_000;
    for (const second of totals([{ ms: ms + 10 }, { ms: ms + 990 }]))
      intake.add({ ...second, delay: delayed([(fired.lateMs ?? 0.1) * 1_000]) });
    intake.add(
      interval({
        endMs: ms + 1_000,
        users: 1,
        usersStarted: at < seconds ? usersPerSecond : 0,
        requests: 2,
        errors: at === 0 ? (fired.errors ?? {}) : {},
      }),
    );
    if (isWatched) intake.addGenerator({ ...calm, atMs: ms + 1_000, ...machine });
  }
  intake.end();
}

function measured(each: readonly Fired[], shares = each.map(() => 1 / each.length)) {
  const collector = createCollector({
    sampling: { requests: 'each' },
    slo: [],
    plan,
    members: shares.map((share, at) => ({ instanceId: `i-${at}`, plan: partOf(plan, share) })),
  });
  for (const [member, fired] of each.entries()) fire(collector, member, fired);
  collector.end();
  return collector.full();
}

describe('the generator of a cluster', () => {
  it('is valid where each of them is, with the mean of their CPUs and the largest', () => {
    const { generator, members } = measured([{}, { machine: { cpuPercent: 60 } }]);
    expect(generator).toMatchObject({
      verdict: 'valid',
      reasons: [],
      cpuMeanPercent: 50,
      cpuMaxPercent: 60,
      memoryMaxPercent: 30,
    });
    expect(members?.map((its) => its.generator.cpuMaxPercent)).toEqual([40, 60]);
  });

  it('is as bad as the worst, and says whose reason it is', () => {
    const { generator, members } = measured([
      { machine: { memoryPercent: 95 } },
      { errors: { error_connect_emfile: 3 } },
      { machine: { memoryPercent: 95 } },
    ]);
    expect(generator).toMatchObject({
      verdict: 'suspect',
      reasons: [
        'i-1: the generator ran out of open files: 3 × error_connect_emfile',
        "i-0, i-2: the generator's memory was 95 % full",
      ],
    });
    expect(members?.map((its) => its.generator.verdict)).toEqual([
      'strained',
      'suspect',
      'strained',
    ]);
  });

  it('tells a reason of all of them once', () => {
    const full = { machine: { memoryPercent: 95 } };
    expect(measured([full, full]).generator.reasons).toEqual([
      "the generator's memory was 95 % full",
    ]);
  });

  it('is unknown where one of them was not watched', () => {
    const { generator } = measured([{}, { isWatched: false }]);
    expect(generator).toMatchObject({
      verdict: 'unknown',
      reasons: ['i-1: nothing was recorded about the machine'],
    });
    expect(measured([{ isWatched: false }, { isWatched: false }]).generator).toMatchObject({
      verdict: 'unknown',
      reasons: [],
    });
  });

  it('has its own delay judged of each of them, and its figures of all', () => {
    const { generator } = measured([{}, {}, { lateMs: 60 }]);
    expect(generator.verdict).toBe('suspect');
    expect(generator.reasons[0]).toMatch(/^i-2: the generator's own delay had a p99 of 60 ms/);
    expect(generator.delay).toMatchObject({ count: 63, p50Ms: 0.1, maxMs: 60 });
  });

  it('fired too few users where a member was lost, which that member is not to blame for', () => {
    const { generator, members } = measured([{}, { until: 5 }]);
    expect(generator).toMatchObject({
      verdict: 'suspect',
      reasons: ['only 250 of 400 planned users were launched (i-1: 50 of 200)'],
    });
    expect(members?.map((its) => its.generator.verdict)).toEqual(['valid', 'valid']);
  });

  it('says which member started too few of its own share, however small that is', () => {
    const shares = [0.49, 0.49, 0.02];
    const { generator } = measured(
      [{ usersPerSecond: 9.8 }, { usersPerSecond: 9.8 }, { usersPerSecond: 0 }],
      shares,
    );
    // Eight users can fail to come by chance.
    expect(generator.verdict).toBe('valid');
    const { generator: worse } = measured(
      [{ usersPerSecond: 18 }, { usersPerSecond: 18 }, { usersPerSecond: 0 }],
      [0.45, 0.45, 0.1],
    );
    expect(worse).toMatchObject({
      verdict: 'suspect',
      reasons: ['i-2: only 0 of 40 planned users were launched'],
    });
  });

  it('of many is told by so many reasons and no more', () => {
    const each = Array.from({ length: 60 }, (_, at) => ({
      machine: { memoryPercent: 91 + at / 10, stealPercent: 6 + at },
    }));
    const { reasons } = measured(each).generator;
    expect(reasons).toHaveLength(21);
    expect(reasons.at(-1)).toMatch(/^\d+ more reasons of other members$/);
  });
});

describe('the users of a load that goes on', () => {
  it('are compared with the plan up to when all members that still tell have told', () => {
    const collector = createCollector({
      sampling: { requests: 'each' },
      slo: [],
      plan: {
        plannedUsers: 120_000,
        loadPhases: [
          { name: '1', startMs: 0, durationMs: 60_000, arrivalRate: 2_000, users: 120_000 },
        ],
      },
      members: [0, 1].map((at) => ({ instanceId: `i-${at}` })),
    });
    const tell = (member: number, from: number, to: number): void => {
      for (let at = from; at < to; at += 1) {
        const ms = startMs + at * 1_000;
        for (const second of totals([{ ms: ms + 10 }, { ms: ms + 990 }]))
          collector.of(member).add(second);
        collector.of(member).add(interval({ endMs: ms + 1_000, usersStarted: 1_000, users: 9 }));
        collector.of(member).addGenerator({ ...calm, atMs: ms + 1_000 });
      }
    };
    tell(0, 0, 10);
    tell(1, 0, 5);
    expect(collector.full().generator).toMatchObject({ verdict: 'valid', reasons: [] });
    // Half a minute later nobody waits for it any more.
    tell(0, 10, 39);
    expect(collector.full().generator.reasons).toEqual([
      expect.stringMatching(/^only 44,000 of 75,9\d\d users planned until then were launched$/),
    ]);
  });
});

describe('a member', () => {
  it('is told by its latest second while its load goes on, then by all of it', () => {
    const collector = createCollector({
      sampling: { requests: 'each' },
      slo: [],
      plan,
      members: [{ instanceId: 'i-0' }, { instanceId: 'i-1' }],
    });
    const intake = collector.of(0);
    for (const rows of [[{}, { ms: startMs + 500 }], [{ ms: startMs + 1_900 }]])
      for (const second of totals(rows)) intake.add(second);
    intake.add(interval({ endMs: startMs + 2_000, users: 4 }));
    expect(collector.full().members).toMatchObject([
      { instanceId: 'i-0', perSecond: 1, users: 4, lastMs: startMs + 2_000 },
      { instanceId: 'i-1', requests: 0, perSecond: 0 },
    ]);
    collector.end();
    const [first, other] = collector.full().members ?? [];
    expect(first?.perSecond).toBeCloseTo(3 / 1.901);
    expect(first).not.toHaveProperty('users');
    expect(other).not.toHaveProperty('lastMs');
  });
});
