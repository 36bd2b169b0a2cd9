/** Rules against measurements, with every possible result. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { SampleBatch } from '../../../../src/engine/samples.ts';
import { createCollector } from '../../../../src/results/collect.ts';
import { describeMeasured } from '../../../../src/slo/format.ts';
import type { SloVerdict } from '../../../../src/slo/result.ts';
import { sloRule } from '../../../support/slo.ts';
import { interval, type Row, samples, startMs, totals } from '../batches.ts';

// Generated input takes a while where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

// 100 requests in 10 s: 1 ms to 100 ms, five of them failed; 10 logins of 200 ms.
const batches = [
  samples(
    Array.from({ length: 100 }, (_, at) => ({
      name: at < 50 ? 'get /' : 'get /cart',
      ms: startMs + at * 100,
      us: (at + 1) * 1_000,
      status: at % 20 === 0 ? 500 : 200,
    })),
  ),
  ...totals(
    Array.from({ length: 10 }, (_, at) => ({
      name: 'login',
      us: 200_000,
      ms: startMs + 5_000,
      status: 0,
      ok: at >= 4,
    })),
    'transaction',
  ),
  interval({ usersStarted: 11, usersFinished: 10 }),
];

describe('a rule', () => {
  it.each([
    ['p95 < 97ms', true, '95 ms, up to 96.1 ms without the failed'],
    ['p95 < 96ms', false, '95 ms, up to 96.1 ms without the failed'],
    ['p95 > 95ms', true, '95.04 ms'],
    ['p99.9 < 100.1ms', true, '100 ms'],
    ['min > 0.5ms', true, '1 ms'],
    ['max < 100ms', false, '100 ms'],
    ['mean < 52ms', true, '50.5 ms, up to 51 ms without the failed'],
    ['mean < 51ms', false, '50.5 ms, up to 51 ms without the failed'],
    ['errors < 5%', false, '5 %'],
    ['errors <= 5%', true, '5 %'],
    ['throughput > 9/s', true, undefined],
    ['throughput > 11/s', false, undefined],
    ['count >= 100', true, '100'],
    ['transaction(login).p99 < 1s', true, '200 ms'],
    ['transaction(login).errors < 40%', false, '40 %'],
    ['transaction(login).errors <= 40%', true, '40 %'],
    ['request(get /cart).count > 50', false, '50'],
    ['request(get /cart).min > 50ms', true, '51 ms'],
  ])('%s: %s, %s', (text, ok, measured) => {
    const { rules } = judged(text, batches);
    expect(rules[0]).toMatchObject({ rule: { text }, ok });
    if (measured !== undefined) expect(rules.map(describeMeasured)).toEqual([measured]);
  });

  it.each([
    ['transaction(logout).p95 < 1s', batches],
    ['transaction(only).errors < 1%', [samples([{ name: 'only' }], 'transaction')]],
    ['request(login).p95 < 1s', batches],
    ['p95 < 1s', []],
    ['errors < 1%', []],
    ['p95 < 1s', [interval({ timings: [{ kind: 'request', name: 'xmpp', count: 2, meanUs: 5 }] })]],
  ])('fails, and has no value, where nothing was measured: %s', (text, given) => {
    const { verdict, rules } = judged(text, given);
    expect(verdict).toBe('fail');
    expect(rules).toEqual([{ rule: sloRule(text), ok: false }]);
  });

  it('is held against the engine’s own means where these are all there is', () => {
    const timings = [{ kind: 'request', name: 'xmpp', count: 2, meanUs: 5_000 }] as const;
    expect(judged('mean < 6ms', [interval({ timings })]).verdict).toBe('pass');
    expect(judged('count > 2', [interval({ timings })]).verdict).toBe('fail');
  });
});

describe('a rule about durations', () => {
  const requests = (good: number, bad: number) =>
    samples(
      Array.from({ length: good + bad }, (_, at) => ({
        us: 5_000,
        ms: startMs + 100 + at,
        status: at < bad ? 500 : 200,
      })),
    );
  const refused = (count: number) => interval({ users: 1, errors: { refused: count } });

  it.each([
    'p95 < 1s',
    'mean < 1s',
    'max < 1s',
    'min < 1s',
    'p50 < 1s over 30s',
    'mean < 1s over 1s',
  ])('is missed where more than half failed: %s', (text) => {
    const at = text.includes('over')
      ? ` at ${new Date(startMs).toISOString().slice(11, 19)} UTC`
      : '';
    const failed = judged(text, [requests(33, 67)]).rules;
    expect(failed[0]).toMatchObject({ ok: false, failedShare: 0.67 });
    expect(failed[0]).not.toHaveProperty('measured');
    expect(failed.map(describeMeasured)).toEqual([`67 % failed${at}`]);
    const unconnected = judged(text, [requests(33, 0), refused(67)]).rules;
    expect(unconnected[0]).toMatchObject({ ok: false });
    expect(unconnected.map(describeMeasured)).toEqual([`67 % failed${at}`]);
    expect(judged(text, [requests(50, 50)]).verdict).toBe('pass');
  });

  it('is missed where nothing but failures to connect was measured', () => {
    expect(measuredOf('p95 < 1s', [refused(9)])).toBe('100 % failed');
    expect(judged('p95 < 1s over 1s', [refused(9)]).rules[0]).toMatchObject({ ok: false });
  });

  it('is missed of a name if more than half of its requests failed, or if errors that may be its own make it so', () => {
    const rows = [{ name: 'a' }, { name: 'a' }, { name: 'b' }, { name: 'b', status: 500 }];
    const run = samples([...rows, { name: 'b', status: 500 }]);
    expect(measuredOf('request(b).p95 < 1s', [run])).toBe('66.7 % failed');
    expect(judged('request(a).p95 < 1s', [run]).verdict).toBe('pass');
    expect(measuredOf('request(a).p95 < 1s', [run, refused(4)])).toBe('66.7 % failed');
    const others = new Array(9).fill({ name: 'b', status: 500 });
    expect(judged('request(a).p95 < 1s', [run, samples(others)]).verdict).toBe('pass');
  });

  it.each([
    [5_004, 4_996, '50.1 % failed'],
    [9_999, 1, '99.9 % failed'],
  ])('is missed by a share that is neither half nor all: %i of them', (bad, good, measured) => {
    expect(measuredOf('p95 < 1s', [requests(good, bad)])).toBe(measured);
  });

  it('tells of rules about anything else what was measured', () => {
    const rules = judgedAll(
      ['count > 1', 'throughput > 1/s', 'errors < 1%'],
      [requests(1, 9)],
    ).rules;
    expect(rules.map(describeMeasured)).toEqual(['10', '10/s', '90 %']);
  });
});

describe('a rule about durations of which some are those of failed requests', () => {
  /** 45 of 100 failed at once; of the others, ten took 50 ms and 45 took 400 ms. */
  const rows = Array.from({ length: 100 }, (_, at): Row => {
    if (at < 45) return { us: 5_000, status: 404, ms: startMs + 500 };
    return { us: at < 55 ? 50_000 : 400_000, ms: startMs + 900 };
  });
  const buys = [
    samples(rows),
    ...totals(
      rows.map((row) => ({ ...row, name: 'buy', ok: row.status === undefined, status: 0 })),
      'transaction',
    ),
    interval({ usersStarted: 100, usersFinished: 100 }),
  ];

  it.each([
    ['p50 < 100ms', '50 ms, up to 400 ms without the failed'],
    ['mean < 200ms', '187 ms, up to 336 ms without the failed'],
    ['min < 50ms', '5 ms, up to 50.02 ms without the failed'],
    ['request(get /).p50 < 100ms', '50 ms, up to 400 ms without the failed'],
    ['transaction(buy).p50 < 100ms', '50 ms, up to 400 ms without the failed'],
    ['transaction(buy).mean < 200ms', '187 ms, up to 336 ms without the failed'],
    ['p50 < 100ms over 1h', '49.9 ms, up to 399 ms without the failed at 00:00:00 UTC'],
    ['mean < 200ms over 1h', '187 ms, up to 340 ms without the failed at 00:00:00 UTC'],
  ])('is not met by these: %s', (text, measured) => {
    const [result] = judged(text, buys).rules;
    expect(result?.ok).toBe(false);
    const told = [result].flatMap((one) => (one === undefined ? [] : [describeMeasured(one)]));
    expect(told[0]?.replace(/\d\d:\d\d:\d\d/, '00:00:00')).toBe(measured);
  });

  it.each(['p50 < 401ms', 'max < 401ms', 'transaction(buy).p95 < 401ms', 'p50 < 401ms over 1h'])(
    'is met where it holds without them too: %s',
    (text) => {
      expect(judged(text, buys).verdict).toBe('pass');
    },
  );

  it('is held against the slower of all requests and of those that succeeded', () => {
    const some = fc.array(
      fc.record({ us: fc.integer({ min: 1, max: 2_000 }), status: fc.constantFrom(200, 200, 500) }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(some, fc.constantFrom(50, 90, 95), (given, percent) => {
        const good = given.filter(({ status }) => status === 200);
        fc.pre(good.length >= given.length / 2);
        const [result] = judged(`p${percent} < 1h`, [samples(given)]).rules;
        const slowest = Math.max(nearestRank(given, percent), nearestRank(good, percent));
        expect(result?.measuredAtMost ?? result?.measured).toBeCloseTo(slowest / 1_000, 6);
        const [windowed] = judged(`p${percent} < 1h over 1h`, [samples(given)]).rules;
        const most = windowed?.measuredAtMost ?? windowed?.measured ?? 0;
        expect(most).toBeGreaterThanOrEqual((slowest / 1_000) * 0.985 - 0.016);
      }),
    );
  });

  function nearestRank(given: readonly Readonly<{ us: number }>[], percent: number): number {
    const sorted = given.map(({ us }) => us).toSorted((a, b) => a - b);
    return sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0;
  }
});

describe('a rule about the errors of a name', () => {
  const run = (refused: number) => [
    samples(Array.from({ length: 90 }, (_, at) => ({ name: at < 60 ? 'a' : 'b' }))),
    interval({ errors: { refused } }),
  ];

  it('is kept only if it is so too where all errors without a name are its own', () => {
    expect(judged('request(b).errors < 30%', run(10)).rules[0]).toMatchObject({
      ok: true,
      measured: 0,
      measuredAtMost: 0.25,
    });
    expect(judged('request(b).errors < 20%', run(10)).rules[0]).toMatchObject({
      ok: false,
      measured: 0,
      measuredAtMost: 0.25,
    });
    expect(measuredOf('request(b).errors < 30%', run(10))).toBe('between 0 % and 25 %');
    const [certain] = judged('request(b).errors < 1%', run(0)).rules;
    expect(certain).toEqual({ rule: sloRule('request(b).errors < 1%'), ok: true, measured: 0 });
  });
});

describe('a verdict', () => {
  it('is that of the worst rule', () => {
    expect(verdictOf(['p95 < 1s', 'count > 1'])).toBe('pass');
    expect(verdictOf(['p95 < 1s', 'count > 1000'])).toBe('fail');
    expect(verdictOf([])).toBe('none');
  });
});

describe('a verdict while the load goes on', () => {
  it.each(['p95 < 1s', 'errors < 1%', 'throughput > 1/s', 'count < 5', 'p95 < 1s over 10s'])(
    'is pending before anything is measured, and the rule open: %s',
    (text) => {
      for (const given of [[], [interval({ users: 3 })]]) {
        expect(liveVerdict([text], given)).toMatchObject({ verdict: 'pending' });
        expect(liveVerdict([text], given).rules[0]).not.toHaveProperty('ok');
      }
    },
  );

  it('is pending while one rule has no data and no other is missed', () => {
    const texts = ['p95 < 1s', 'transaction(logout).p95 < 1s'];
    expect(liveVerdict(texts, batches)).toMatchObject({
      verdict: 'pending',
      rules: [{ ok: true }, {}],
    });
    expect(liveVerdict([...texts, 'p95 < 1ms'], batches).verdict).toBe('fail');
    expect(liveVerdict(['p95 < 1s'], batches).verdict).toBe('pass');
  });

  it('waits for a count until the end, and for a throughput until half of the plan is over', () => {
    expect(liveVerdict(['count > 1000'], batches, 1_000).verdict).toBe('pending');
    expect(liveVerdict(['throughput > 900/s'], batches, 60_000).verdict).toBe('pending');
    expect(liveVerdict(['throughput > 900/s'], batches, 15_000).verdict).toBe('fail');
    expect(liveVerdict(['throughput > 900/s over 1s'], batches, 60_000).verdict).toBe('fail');
    expect(liveVerdict(['count < 100'], batches, 60_000).verdict).toBe('fail');
  });
});

describe('a rule over windows', () => {
  const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 19);
  const second = (at: number, rows: readonly Row[]): Row[] =>
    rows.map((row, index) => ({ ms: startMs + at * 1_000 + 900 - (rows.length - index), ...row }));
  /**
   * 60 s of 10 requests each, the 13th second slow, the 41st with an error, nothing from the 20th
   * to the 29th.
   */
  const minute = samples(
    Array.from({ length: 60 }, (_, at) => {
      if (at >= 20 && at < 30) return [];
      const us = at === 13 ? 400_000 : 50_000;
      return second(
        at,
        Array.from({ length: 10 }, (__, index) => ({
          us,
          status: at === 41 && index === 0 ? 500 : 200,
        })),
      );
    }).flat(),
  );

  it.each([
    ['p95 < 300ms over 10s', false, '399 ms', 10],
    ['p50 < 300ms over 10s', true, '49.9 ms', 0],
    ['max <= 400ms over 10s', true, '400 ms', 10],
    ['max < 400ms over 1s', false, '400 ms', 13],
    ['mean < 86ms over 10s', true, '85 ms', 10],
    ['errors <= 1% over 10s', true, '1 %', 40],
    ['errors < 1% over 1s', false, '10 %', 41],
    ['throughput > 5/s over 10s', false, '0/s', 20],
    ['throughput < 11/s over 10s', true, '10.92/s', 0],
    ['p99 < 1s over 1h', true, '399 ms', 0],
  ])('%s: %s, %s in second %i', (text, ok, measured, at) => {
    const { rules } = judged(text, [minute]);
    const worstAtMs = startMs + at * 1_000;
    const windowMs =
      Number(/over (\d+)/.exec(text)?.[1]) * (text.endsWith('h') ? 3_600_000 : 1_000);
    expect(rules[0]).toMatchObject({ rule: { text }, ok, worstAtMs, windowMs });
    expect(rules.map(describeMeasured)).toEqual([`${measured} at ${clock(worstAtMs)} UTC`]);
  });

  it('leaves a last window out that the load lasted less than half of', () => {
    const until = (seconds: number) =>
      samples(Array.from({ length: seconds }, (_, at) => second(at, [{}])).flat());
    expect(judged('throughput > 0.9/s over 10s', [until(24)]).rules[0]?.worstAtMs).not.toBe(
      startMs + 20_000,
    );
    const last = samples([
      ...Array.from({ length: 10 }, (_, at) => second(at, [{}, {}])).flat(),
      ...Array.from({ length: 6 }, (_, at) => second(at + 10, [{}])).flat(),
    ]);
    expect(judged('throughput > 1.5/s over 10s', [last]).rules[0]).toMatchObject({
      ok: false,
      worstAtMs: startMs + 10_000,
    });
  });

  it.each([
    ['p95 < 1s over 10s', []],
    ['throughput > 1/s over 10s', []],
    [
      'p95 < 1s over 10s',
      [interval({ timings: [{ kind: 'request', name: 'xmpp', count: 2, meanUs: 5 }] })],
    ],
  ])('fails, and has no value, where nothing was measured: %s', (text, given) => {
    expect(judged(text, given).rules).toEqual([{ rule: sloRule(text), ok: false }]);
  });

  it('sees errors without a request of their own, even after the last request', () => {
    const refused = Array.from({ length: 10 }, (_, at) =>
      interval({ endMs: startMs + (at + 11) * 1_000, users: 1, errors: { refused: 5 } }),
    );
    const load = samples(Array.from({ length: 10 }, (_, at) => second(at, [{}])).flat());
    expect(judged('errors < 1% over 5s', [load, ...refused]).rules[0]).toMatchObject({
      ok: false,
      measured: 1,
      worstAtMs: startMs + 10_000,
    });
  });

  it('is judged by the longer steps of a run that outgrew its seconds', () => {
    const hours = Array.from({ length: 3 * 3_600 }, (_, at) => ({
      ms: startMs + at * 1_000,
      us: at === 7_000 ? 900_000 : 10_000,
    }));
    const [result] = judged('max < 500ms over 30s', [samples(hours)]).rules;
    expect(result).toMatchObject({ ok: false, windowMs: 32_000 });
    expect(Math.abs((result?.worstAtMs ?? 0) - (startMs + 7_000_000))).toBeLessThan(40_000);
  });

  const rows = fc.array(
    fc.record({
      ms: fc.integer({ min: 0, max: 20_000 }).map((ms) => startMs + ms),
      us: fc.integer({ min: 1, max: 3_000_000 }),
      status: fc.constantFrom(200, 200, 200, 500),
    }),
    { minLength: 1, maxLength: 60 },
  );

  it('with one window over the whole run is the rule without windows', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('mean', 'max', 'errors', 'p95'), (given, metric) => {
        const limit = metric === 'errors' ? '10%' : '1s';
        const [whole, windowed] = judgedAll(
          [`${metric} < ${limit}`, `${metric} < ${limit} over 1h`],
          [samples(given)],
        ).rules;
        const [a = Number.NaN, b = Number.NaN] = [whole?.measured, windowed?.measured];
        const slack = metric === 'errors' ? 0.000_2 : 0.02;
        if (whole?.failedShare !== undefined) {
          expect(windowed?.failedShare).toBeCloseTo(whole.failedShare, 3);
          return;
        }
        expect(b).toBeGreaterThanOrEqual(a * 0.985 - slack);
        expect(b).toBeLessThanOrEqual(a * 1.015 + slack);
      }),
    );
  });

  it('holds exactly when it holds of the rows of each window', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (given, seconds) => {
        const beginMs = Math.min(...given.map(({ ms, us }) => ms - us / 1_000));
        const endMs = Math.max(...given.map(({ ms }) => ms));
        const first = Math.floor(beginMs / 1_000) * 1_000;
        const lengthMs = seconds * 1_000;
        const windows = Array.from({ length: 60 }, (_, at) => first + at * lengthMs)
          .filter(
            (from) => Math.min(from + lengthMs, endMs) - Math.max(from, beginMs) >= lengthMs / 2,
          )
          .map((from) => given.filter(({ ms }) => ms >= from && ms < from + lengthMs));
        fc.pre(windows.some((its) => its.length > 0));
        const { verdict } = judged(`max < 1.5s over ${seconds}s`, [samples(given)]);
        const isKept = windows.every(
          (its) =>
            its.every(({ us }) => us < 1_500_000) &&
            its.filter(({ status }) => status >= 400).length <= its.length / 2,
        );
        expect(verdict).toBe(isKept ? 'pass' : 'fail');
      }),
    );
  });

  it('says the same whether it was asked every second or once', () => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 1, maxLength: 6 }), (parts) => {
        const slo = ['p90 < 1s over 2s', 'errors < 5% over 3s', 'throughput > 1/s over 2s'].map(
          sloRule,
        );
        const options = { sampling: { requests: 'each' }, slo, plan: { loadPhases: [] } } as const;
        const [often, once] = [createCollector(options), createCollector(options)];
        for (const part of parts) {
          often.add(samples(part));
          often.tick();
          once.add(samples(part));
        }
        expect(often.full().slo).toEqual(once.full().slo);
      }),
      { numRuns: 50 },
    );
  });

  /** Milliseconds, or percent. */
});

function verdictOf(texts: readonly string[]): string {
  return judgedAll(texts, batches).verdict;
}

function judged(text: string, given: readonly SampleBatch[]): SloVerdict {
  return judgedAll([text], given);
}

function judgedAll(texts: readonly string[], given: readonly SampleBatch[]): SloVerdict {
  const slo = texts.map(sloRule);
  const collector = createCollector({
    sampling: { requests: 'each' },
    slo,
    plan: { loadPhases: [] },
  });
  for (const batch of given) collector.add(batch);
  collector.end();
  return collector.full().slo;
}

/** Of a load that is still going on. */
function liveVerdict(
  texts: readonly string[],
  given: readonly SampleBatch[],
  plannedDurationMs = 60_000,
): SloVerdict {
  const collector = createCollector({
    sampling: { requests: 'each' },
    slo: texts.map(sloRule),
    plan: { loadPhases: [], plannedDurationMs },
  });
  for (const batch of given) collector.add(batch);
  return collector.full().slo;
}

function measuredOf(text: string, given: readonly SampleBatch[]): string | undefined {
  return judged(text, given).rules.map(describeMeasured)[0];
}
