/** Several members are measured as one load: nothing is lost, counted twice, or shown too low. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interval, SampleBatch } from '../../../../src/engine/samples.ts';
import { type Collector, createCollector } from '../../../../src/results/collect.ts';
import type { Measurements } from '../../../../src/results/measurements.ts';
import { onClock } from '../../../../src/results/members/clock.ts';
import { applyTick } from '../../../../src/results/tick.ts';
import { calm, delayed, interval, type Row, samples, startMs, totals } from '../batches.ts';

const row: fc.Arbitrary<Row> = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c'),
    ms: fc.integer({ min: 0, max: 20_000 }).map((ms) => startMs + ms),
    us: fc.oneof(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 4_000_000 })),
    status: fc.constantFrom(0, 200, 200, 200, 404, 503),
    bytes: fc.integer({ min: 0, max: 2 ** 31 }),
    fails: fc.boolean(),
  })
  .map(({ fails, ...its }) => (fails ? { ...its, ok: false, error: 'error_x', status: 0 } : its));
/** What each of up to five members measured. */
const parts = fc.array(fc.array(row, { maxLength: 60 }), { minLength: 1, maxLength: 5 });

describe('the whole of several members', () => {
  it('is what one would have measured that fired it all', () => {
    fc.assert(
      fc.property(parts, fc.boolean(), fc.nat(), (each, bySecond, seed) => {
        const rows = each.flat().toSorted(byTime);
        if (rows.length === 0) return;
        const one = createCollector({ sampling: { requests: 'each' }, slo: [], plan });
        for (const batch of bySecond ? totals(rows) : [samples(rows)]) one.add(batch);
        const counts = counted(rows);
        one.add(counts);
        one.end();
        const several = collectorOf(each.length);
        const batches = each.map((own) => {
          if (own.length === 0) return [counted(own)];
          const sorted = own.toSorted(byTime);
          return [...(bySecond ? totals(sorted) : [samples(sorted)]), counted(own)];
        });
        for (const [member, batch] of shuffled(batches, seed)) several.of(member).add(batch);
        several.end();
        expect(comparable(several.full())).toEqual(comparable(one.full()));
      }),
    );
  });

  it('shows as it goes on what is known in the end, in whatever order members tell', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (each, seed) => {
        const several = collectorOf(each.length);
        let known = several.full();
        const batches = each.map((own) => {
          const seconds = totals(own.toSorted(byTime));
          return seconds.flatMap((second): SampleBatch[] => [
            second,
            interval({ endMs: second.startMs + 1_000, users: 3, connected: 2 }),
          ]);
        });
        for (const [member, batch] of shuffled(batches, seed)) {
          several.of(member).add(batch);
          known = applyTick(known, several.tick());
        }
        several.end();
        known = applyTick(known, several.tick());
        const { series } = several.full();
        expect(known.series).toEqual(series);
      }),
      { numRuns: 40 },
    );
  });

  it('sums up what its members tell of themselves, and its requests', () => {
    const several = collectorOf(2);
    several.of(0).add(samples([{ us: 1_000 }, { us: 2_000, status: 500 }]));
    several.of(1).add(samples([{ us: 3_000 }]));
    several.end();
    const { members, totals: all } = several.full();
    expect(
      members?.map(({ instanceId, requests, failed }) => [instanceId, requests, failed]),
    ).toEqual([
      ['i-0', 2, 1],
      ['i-1', 1, 0],
    ]);
    expect(all).toMatchObject({ requests: 3, failed: 1 });
  });
});

describe('users and connections of several members', () => {
  const at = (second: number, users: number, its: Partial<Interval> = {}): Interval =>
    interval({ endMs: startMs + second * 1_000, users, connected: users * 2, ...its });

  it('are added up in each second, and their peak is that of the sums', () => {
    const several = collectorOf(2);
    for (const [second, users] of [1, 9, 1].entries()) several.of(0).add(at(second + 1, users));
    for (const [second, users] of [9, 2, 1].entries())
      several.of(1).add(at(second + 1, users, { usersPeak: 9 }));
    several.end();
    const { series, totals: all } = several.full();
    expect(series.users).toEqual([10, 11, 2]);
    expect(series.connected).toEqual([20, 22, 4]);
    expect(all.usersPeak).toBe(11);
  });

  it('of a member that comes late count once, and not as none until then', () => {
    const several = collectorOf(2);
    let known = several.full();
    const tick = (): Measurements => {
      known = applyTick(known, several.tick());
      return known;
    };
    several.of(1).add(at(1, 5));
    for (let second = 1; second <= 12; second += 1) several.of(0).add(at(second, 10));
    // Six seconds are waited for; what is shown of the others is no sum.
    expect(tick().series.users).toEqual([15, null, null, null, null, null]);
    for (let second = 2; second <= 12; second += 1) several.of(1).add(at(second, 5));
    expect(tick().series.users).toEqual(new Array(12).fill(15));
  });

  it('of a member that is gone are none once nothing has come of it for half a minute', () => {
    const several = collectorOf(2);
    let known = several.full();
    several.of(1).add(at(1, 5));
    for (let second = 1; second <= 20; second += 1) several.of(0).add(at(second, 10));
    known = applyTick(known, several.tick());
    expect(known.series.users.slice(0, 3)).toEqual([15, null, null]);
    for (let second = 21; second <= 40; second += 1) several.of(0).add(at(second, 10));
    known = applyTick(known, several.tick());
    expect(known.series.users).toEqual([15, ...new Array(39).fill(10)]);
  });

  it('of a member reach over a gap in its own intervals, whatever others tell meanwhile', () => {
    const several = collectorOf(2);
    several.of(1).add(at(1, 5));
    for (let second = 1; second <= 4; second += 1) several.of(0).add(at(second, 10));
    several.of(1).add(at(4, 6));
    several.end();
    expect(several.full().series.users).toEqual([15, 16, 16, 16]);
  });

  it('of a member that has ended are none from then on', () => {
    const several = collectorOf(2);
    several.of(1).add(at(1, 5));
    several.of(1).end();
    for (let second = 1; second <= 4; second += 1) several.of(0).add(at(second, 10));
    expect(several.full().series.users).toEqual([15, 10, 10, 10]);
  });
});

describe('machines of several members', () => {
  it('are shown by the busiest of them, and sent and received bytes are added up', () => {
    const several = collectorOf(3);
    for (const [member, cpuPercent] of [10, 70, 30].entries())
      several.of(member).addGenerator({ ...calm, cpuPercent, networkSentBytes: 5 });
    several.end();
    const { series } = several.full();
    expect(series.cpuPercent).toEqual([70]);
    expect(series.networkSent).toEqual([15]);
  });

  it("have a delay that is that of all their timers, each while there is its own member's load", () => {
    const several = collectorOf(2);
    const second = (at: number, lateMs: number, hasLoad: boolean): SampleBatch => ({
      type: 'totals',
      startMs: startMs + at * 1_000,
      totals: hasLoad ? (totals([{ ms: startMs + at * 1_000 + 10 }])[0]?.totals ?? []) : [],
      errors: [],
      delay: delayed([lateMs * 1_000]),
    });
    for (const at of [0, 1, 2]) several.of(0).add(second(at, 1, true));
    several.of(1).add(second(0, 3, true));
    // Its load has ended: what is late there is late for no user.
    for (const at of [1, 2]) several.of(1).add(second(at, 99, false));
    several.end();
    const { generator, members } = several.full();
    expect(generator.delay).toMatchObject({ count: 4, maxMs: 3 });
    expect(members?.map((its) => its.generator.delay?.maxMs)).toEqual([1, 3]);
  });
});

describe('a clock that is ahead', () => {
  it('by less than half a second changes nothing', () => {
    const batch = samples([{ ms: startMs + 700 }]);
    expect(onClock(499).batch(batch)).toBe(batch);
    expect(onClock(-499).batch(batch)).toBe(batch);
    expect(onClock(Number.NaN).sample(calm)).toBe(calm);
  });

  it('by more moves a second with all that is in it', () => {
    const rows = [{ ms: startMs + 100, ok: false, error: 'error_x', status: 0 }];
    const ahead = rows.map((row) => ({ ...row, ms: row.ms + 3_000 }));
    const told = totals(ahead).map((second) => onClock(2_600).batch(second));
    expect(told).toEqual(totals(rows));
  });

  it('by more moves all that its machine tells by whole seconds', () => {
    const several = collectorOf(2);
    const clock = onClock(2_600);
    const rows = [{ ms: startMs + 100, ok: false, error: 'error_x', status: 0 }];
    const ahead = rows.map(({ ms, ...rest }) => ({ ...rest, ms: ms + 3_000 }));
    several.of(0).add(samples(rows));
    several.of(0).add(interval({ users: 1 }));
    for (const batch of [...totals(ahead), samples(ahead)]) several.of(1).add(clock.batch(batch));
    several.of(1).add(clock.batch(interval({ endMs: startMs + 4_000, users: 2 })));
    several.of(1).addGenerator(clock.sample({ ...calm, atMs: calm.atMs + 3_000 }));
    several.end();
    const { errors, loadStartedMs, series } = several.full();
    expect(series).toMatchObject({ startMs, requests: [3], users: [3], cpuPercent: [40] });
    expect(loadStartedMs).toBe(startMs + 99);
    expect(errors[0]?.samples?.map(({ atMs }) => atMs)).toEqual(new Array(3).fill(startMs + 100));
  });
});

const plan = { loadPhases: [] };

function collectorOf(members: number): Collector {
  return createCollector({
    sampling: { requests: 'each' },
    slo: [],
    plan,
    members: Array.from({ length: members }, (_, at) => ({ instanceId: `i-${at}` })),
  });
}

function byTime(a: Row, b: Row): number {
  return (a.ms ?? 0) - (b.ms ?? 0);
}

/** The engine's own counts of these rows, in one interval over the whole load. */
function counted(rows: readonly Row[]): Interval {
  const statuses: Record<string, number> = {};
  for (const { status = 200 } of rows)
    if (status > 0) statuses[status] = (statuses[status] ?? 0) + 1;
  return interval({
    endMs: startMs + 21_000,
    stepMs: 21_000,
    usersStarted: rows.length,
    usersFinished: rows.length,
    requests: rows.length,
    bytesReceived: rows.length * 7,
    statuses,
  });
}

/** All batches of all members: those of one in their order, those of several in any. */
function* shuffled(
  batches: readonly (readonly SampleBatch[])[],
  seed: number,
): Generator<[number, SampleBatch]> {
  const left = batches.map((its, member) => ({ member, its: [...its] }));
  let random = seed;
  for (let open = left; open.length > 0; open = open.filter(({ its }) => its.length > 0)) {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    const next = open[random % open.length];
    const batch = next?.its.shift();
    if (next !== undefined && batch !== undefined) yield [next.member, batch];
  }
}

/** Without what is said of each member and its machine; sums may differ in their last digits. */
function comparable({ members: _, generator, latency, names, series, ...rest }: Measurements) {
  const near = (value: number | undefined): string | undefined => value?.toPrecision(12);
  return {
    ...rest,
    // Which of the first was first is not known of two in one second.
    errors: rest.errors.map(({ samples: first, example, ...error }) => ({
      ...error,
      samples: first?.length,
      hasExample: example !== undefined,
    })),
    delay: generator.delay,
    latency: { ...latency, meanMs: near(latency?.meanMs) },
    names: names.map(({ latency: its, ...name }) => ({
      ...name,
      latency: { ...its, meanMs: near(its?.meanMs) },
    })),
    // Counts that the engine tells for many seconds at once are spread in whole numbers.
    series: {
      ...series,
      usersStarted: sum(series.usersStarted),
      bytesReceived: sum(series.bytesReceived),
    },
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((all, value) => all + (value ?? 0), 0);
}
