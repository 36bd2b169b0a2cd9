/** The collector: exact totals, bounded memory, and ticks that add up to the whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sampling } from '../../../src/engine/engine.ts';
import { type Collector, createCollector } from '../../../src/results/collect.ts';
import type { Measurements } from '../../../src/results/measurements.ts';
import { applyTick } from '../../../src/results/tick.ts';
import { calm, interval, samples, startMs, totals } from './batches.ts';

const sum = (numbers: readonly (number | null)[]): number =>
  numbers.reduce<number>((total, it) => total + (it ?? 0), 0);

describe('a collector that has seen nothing', () => {
  it('tells of an empty run without NaN or Infinity', () => {
    const found = collector('each').full();
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    expect(found).toMatchObject({
      names: [],
      errors: [],
      distribution: [],
      slo: { verdict: 'none' },
    });
    expect(found.totals).toMatchObject({ requests: 0, errorShare: 0, perSecond: 0 });
    expect(found.series.requests).toEqual([]);
    expect(found.latency).toBeUndefined();
    expect(found.generator.verdict).toBe('unknown');
  });
});

describe('a collector with samples', () => {
  it('tells of one sample: its value is every percentile, and the rate is not over less than a second', () => {
    const { latency, totals, names } = collected([samples([{ us: 5_432, bytes: 10 }])]);
    expect(latency).toEqual({
      minMs: 5.432,
      meanMs: 5.432,
      maxMs: 5.432,
      p50Ms: 5.432,
      p90Ms: 5.432,
      p95Ms: 5.432,
      p99Ms: 5.432,
      p999Ms: 5.432,
    });
    expect(totals).toMatchObject({ requests: 1, perSecond: 1, bytesReceived: 10 });
    expect(names[0]).toMatchObject({ name: 'get /', count: 1, failed: 0, statuses: { 200: 1 } });
  });

  it('tells how large the answers to a request were, and nothing of that for a transaction', () => {
    const { names } = collected([
      samples([
        { name: 'a', bytes: 10 },
        { name: 'a', bytes: 5 },
      ]),
      samples([{ name: 'login' }], 'transaction'),
    ]);
    expect(names.map(({ name, bytes }) => [name, bytes])).toEqual([
      ['a', 15],
      ['login', undefined],
    ]);
  });

  it('counts as failed what ended with an error or a status of 400 and above', () => {
    const found = ended([
      samples([
        { name: 'a', status: 200 },
        { name: 'a', status: 404, ms: startMs + 10 },
        { name: 'b', status: 503, ms: startMs + 20 },
        { name: 'b', status: 0, ok: false, error: 'timeout', ms: startMs + 30 },
        { name: 'b', status: 0, ok: false, error: 'timeout', ms: startMs + 40 },
        { name: 'b', status: 0, ok: false, ms: startMs + 50 },
      ]),
    ]);
    expect(found.totals).toMatchObject({
      requests: 6,
      failed: 5,
      otherErrors: 0,
      errorShare: 5 / 6,
    });
    expect(found.errors.map(({ samples: _, ...error }) => error)).toEqual([
      { kind: 'timeout', count: 2, firstMs: startMs + 30, lastMs: startMs + 40, example: 'b' },
      { kind: 'failed', count: 1, firstMs: startMs + 50, lastMs: startMs + 50, example: 'b' },
      { kind: 'status 404', count: 1, firstMs: startMs + 10, lastMs: startMs + 10, example: 'a' },
      { kind: 'status 503', count: 1, firstMs: startMs + 20, lastMs: startMs + 20, example: 'b' },
    ]);
    expect(found.statuses).toEqual({ 200: 1, 404: 1, 503: 1 });
    expect(sum(found.series.failed)).toBe(5);
    expect(found.series.errors['timeout']).toEqual([2]);
  });

  it('tells the p95 of what did not fail, where some did', () => {
    const rows = Array.from({ length: 100 }, (_, at) => ({
      us: at < 50 ? 200 : 300_000,
      ms: startMs + at,
      status: at < 50 ? 503 : 200,
      name: at < 99 ? 'a' : 'b',
    }));
    const { latency, names } = collected([samples(rows)]);
    expect(latency).toMatchObject({ p50Ms: 0.2, p95Ms: 300, p95OkMs: 300 });
    expect(names[0]?.latency?.p95OkMs).toBe(300);
    expect(names[1]?.latency).not.toHaveProperty('p95OkMs');
    const fast = collected([
      samples(rows.map((row, at) => ({ ...row, us: at < 50 ? 9_000 : 100 }))),
    ]);
    expect(fast.latency).toMatchObject({ p95Ms: 9, p95OkMs: 0.1 });
    const allBad = collected([samples(rows.slice(0, 50))]);
    expect(allBad.latency).not.toHaveProperty('p95OkMs');
  });

  it('knows how many transactions failed where the engine says so, and when', () => {
    const rows = [
      { name: 'buy', status: 0 },
      { name: 'buy', status: 0, ok: false, error: 'failed', us: 400_000 },
      { name: 'buy', status: 0, ok: false, error: 'failed', ms: startMs + 1_500, us: 200_000 },
      { name: 'browse', status: 0 },
    ];
    const { names, errors, notes = [] } = ended(totals(rows, 'transaction'));
    expect(names.map(({ name, count, failed }) => [name, count, failed])).toEqual([
      ['buy', 3, 2],
      ['browse', 1, 0],
    ]);
    expect(names[0]?.series?.failed).toEqual([1, 1]);
    expect(names[0]?.latency?.p95OkMs).toBe(1);
    // What failed in them is told of the requests.
    expect(errors).toEqual([]);
    expect(notes).toEqual([]);
  });

  it('does not know it where the engine does not say so', () => {
    const refused = interval({ errors: { error_connect_econnrefused: 3 } });
    const { names, notes } = collected([
      samples([{}]),
      samples([{ name: 'buy' }], 'transaction'),
      refused,
    ]);
    expect(names.find(({ name }) => name === 'buy')).not.toHaveProperty('failed');
    expect(notes).toEqual([
      'how many transactions failed is not known for buy',
      'errors without a request of their own: 3; which names and transactions they belong to is not known',
    ]);
  });

  it('tells no failures of what is not known to fail: pages, connections, requests without outcomes', () => {
    const rows = [{ name: 'a' }, { name: 'b' }];
    const given = (['request', 'page', 'connect', 'transaction'] as const).map((kind) =>
      samples(rows, kind),
    );
    for (const { failed } of collected(given, 'overall').names) expect(failed).toBeUndefined();
    for (const { kind, failed } of collected(given).names) {
      expect(failed).toBe(kind === 'request' ? 0 : undefined);
    }
  });

  it('counts an error once that comes as a sample and in the count of the engine', () => {
    const found = collected([
      samples([{ ok: false, error: 'timeout' }, {}]),
      interval({ errors: { timeout: 1, refused: 3 } }),
    ]);
    expect(found.totals).toMatchObject({
      requests: 2,
      failed: 1,
      otherErrors: 3,
      errorShare: 4 / 5,
    });
    expect(found.errors.map(({ kind, count }) => [kind, count])).toEqual([
      ['refused', 3],
      ['timeout', 1],
    ]);
  });

  it('lasts from the first request to the last, whatever is said of pages and connections', () => {
    const others = [{ ms: startMs - 700, us: 0 }, { ms: startMs + 9_000 }];
    const given = [
      samples(others, 'connect'),
      samples([{ ms: startMs }, { ms: startMs + 4_000 }]),
      samples(others, 'transaction'),
    ];
    expect(collected(given)).toMatchObject({
      loadStartedMs: startMs - 1,
      loadEndedMs: startMs + 4_000,
    });
    const overall = { loadStartedMs: startMs - 700, loadEndedMs: startMs + 9_000 };
    expect(collected(given, 'overall')).toMatchObject(overall);
    expect(collected([samples(others, 'connect')])).toMatchObject(overall);
  });

  it('puts late samples into their own second, and shows the seconds before the first', () => {
    const found = ended([
      samples([{ ms: startMs + 20_000 }]),
      samples([{ ms: startMs + 5_000 }, { ms: startMs }, { ms: startMs + 5_400 }]),
    ]);
    expect(found.series.startMs).toBe(startMs);
    expect(found.series.requests).toEqual([1, 0, 0, 0, 0, 2, ...new Array(14).fill(0), 1]);
    expect(found.loadEndedMs).toBe(startMs + 20_000);
    expect(found.loadStartedMs).toBe(startMs - 1);
  });

  it.each([
    ['1970', 0],
    ['2100', 4_102_444_800_000],
    ['nanoseconds', startMs * 1e6],
    ['infinite', Number.POSITIVE_INFINITY],
    ['a week later', startMs + 7 * 86_400_000],
  ])('counts a sample with an absurd time (%s), but does not draw it', (_, ms) => {
    for (const rows of [
      [{ ms }, {}, {}],
      [{}, {}, { ms }],
    ]) {
      const found = ended([samples(rows)]);
      expect(found.totals.requests).toBe(3);
      expect(found.series.requests).toEqual([2]);
      expect(found.series.stepMs).toBe(1_000);
      expect(found.notes?.join()).toContain('an impossible time: 1');
    }
  });

  it('counts samples if only their order is known', () => {
    const found = collected([samples([{ ms: Number.NaN }, { ms: Number.NaN }])]);
    expect(found.totals.requests).toBe(2);
    expect(found.series.requests).toEqual([]);
    expect(found.notes).toBeUndefined();
  });

  it('merges seconds when there are more than 3,600, and loses none', () => {
    const rows = Array.from({ length: 9_000 }, (_, at) => ({ ms: startMs + at * 1_000 }));
    const { series, names } = ended([samples(rows)]);
    expect(series.stepMs).toBe(4_000);
    expect(series.requests.length).toBeLessThanOrEqual(3_600);
    expect(sum(series.requests)).toBe(9_000);
    expect(names[0]?.series?.count.length).toBeLessThanOrEqual(120);
    expect(sum(names[0]?.series?.count ?? [])).toBe(9_000);
  });

  it('counts the 1,001st name and all after it together, and says so', () => {
    const rows = Array.from({ length: 1_500 }, (_, at) => ({ name: `get /item/${at}` }));
    const found = collected([samples(rows), samples([{ name: 'buy' }], 'transaction')]);
    expect(found.names).toHaveLength(1_002);
    expect(found.names[1_000]).toMatchObject({ name: '(other)', kind: 'request', count: 500 });
    expect(found.names.at(-1)).toMatchObject({ name: 'buy', kind: 'transaction', count: 1 });
    expect(found.totals.requests).toBe(1_500);
    expect(found.notes).toEqual([
      'how many transactions failed is not known for buy',
      'more than 1,000 request names: the others are counted together as (other)',
    ]);
    const exactly = collected([samples(rows.slice(0, 1_000))]);
    expect(exactly.names).toHaveLength(1_000);
    expect(exactly.notes).toBeUndefined();
  });

  it('keeps names and kinds of errors that are names of object properties', () => {
    const hostile = ['__proto__', 'constructor', 'toString', '', '\u0000', '💥'];
    const rows = hostile.map((name) => ({ name, ok: false, status: 0, error: `${name}!` }));
    const found = collected([samples(rows), interval({ errors: { ['__proto__']: 2 } })]);
    expect(new Set(found.names.map(({ name }) => name))).toEqual(new Set(hostile));
    expect(Object.keys(found.series.errors)).toHaveLength(found.errors.length);
  });

  it('keeps the first five errors of a kind by time, in whatever order they come', () => {
    const at = [90, 50, 70, 20, 60, 80, 10, 30, 40];
    const rows = at.map((ms) => ({ name: `n${ms}`, ms: startMs + ms, status: 503 }));
    const [half, rest] = [samples(rows.slice(0, 4)), samples(rows.slice(4))];
    const [error] = collected([half, rest]).errors;
    expect(error?.samples).toEqual(
      [10, 20, 30, 40, 50].map((ms) => ({ atMs: startMs + ms, name: `n${ms}`, status: 503 })),
    );
    expect(error).toMatchObject({ count: 9, firstMs: startMs + 10, lastMs: startMs + 90 });
  });

  it('says of an error its status and reason where its kind does not', () => {
    const own = Array.from({ length: 50 }, (_, kind) => ({ ok: false, error: `error ${kind}` }));
    const { errors } = collected([
      samples([
        ...own,
        { name: 'a', ok: false, error: 'one more', status: 0 },
        { name: 'b', ok: false, error: 'error 7', status: 500 },
        { name: 'c', ok: false, status: 0, ms: startMs + 1 },
      ]),
    ]);
    const samplesOf = (kind: string): unknown =>
      errors.find((error) => error.kind === kind)?.samples;
    expect(samplesOf('(other)')).toEqual([
      { atMs: startMs, name: 'a', reason: 'one more' },
      { atMs: startMs + 1, name: 'c' },
    ]);
    expect(samplesOf('error 7')).toEqual([
      { atMs: startMs, name: 'get /', status: 200 },
      { atMs: startMs, name: 'b', status: 500 },
    ]);
  });

  it('tells the times of errors by their samples, where those are all that the engine counted', () => {
    const at = { name: 'a', status: 503, ms: startMs + 1_700 };
    const counted = interval({ errors: {}, statuses: { 503: 1 }, requests: 1 });
    const [error] = collected([samples([at]), counted]).errors;
    expect(error).toMatchObject({ firstMs: at.ms, lastMs: at.ms, samples: [{ atMs: at.ms }] });
    const [more] = collected([
      samples([{ ...at, status: 0, ok: false, error: 'closed' }]),
      interval({ errors: { closed: 2 } }),
    ]).errors;
    expect(more).toMatchObject({ count: 2, firstMs: startMs, lastMs: at.ms });
  });

  it('has no examples of errors that the engine only counts', () => {
    const { errors } = collected([samples([{}]), interval({ errors: { refused: 3 } })]);
    expect(errors).toEqual([
      { kind: 'refused', count: 3, firstMs: startMs, lastMs: startMs + 1_000 },
    ]);
  });

  it('tells the examples of errors with every tick', () => {
    const live = collector('each');
    live.add(samples([{}]));
    const known = live.full();
    live.add(samples([{ name: 'a', status: 404 }]));
    expect(applyTick(known, live.tick()).errors).toMatchObject([
      { kind: 'status 404', samples: [{ atMs: startMs, name: 'a', status: 404 }] },
    ]);
  });

  it('bounds the kinds of errors', () => {
    const rows = Array.from({ length: 300 }, (_, at) => ({ ok: false, error: `error ${at}` }));
    const found = collected([samples(rows)]);
    expect(found.errors).toHaveLength(51);
    expect(sum(found.errors.map(({ count }) => count))).toBe(300);
    expect(found.totals).toMatchObject({ failed: 300, otherErrors: 0 });
  });

  it('keeps a reader’s names apart from those of another with the same numbers', () => {
    const { names } = collected([
      samples([{ name: 'a' }, { name: 'b' }]),
      samples([{ name: 'b' }]),
      samples([{ name: 'c' }], 'page'),
    ]);
    expect(names.map(({ name, count }) => [name, count])).toEqual([
      ['b', 2],
      ['a', 1],
      ['c', 1],
    ]);
  });

  it('has a distribution of at most 120 bins that holds every request', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4e9 }), { minLength: 1 }), (durations) => {
        const { distribution } = collected([samples(durations.map((us) => ({ us })))]);
        expect(distribution.length).toBeLessThanOrEqual(120);
        expect(sum(distribution.map(({ count }) => count))).toBe(durations.length);
        const edges = distribution.map(({ upToMs }) => upToMs);
        expect(edges).toEqual(edges.toSorted((a, b) => a - b));
        const middle = edges[Math.floor(edges.length / 2)] ?? 0;
        const upToMiddle = distribution.slice(0, Math.floor(edges.length / 2) + 1);
        expect(sum(upToMiddle.map(({ count }) => count))).toBe(
          durations.filter((us) => Math.min(us, 3.6e9) <= middle * 1_000).length,
        );
      }),
    );
  });
});

describe('a collector with intervals', () => {
  it('sums all increments, the last interval among them', () => {
    const found = ended([
      interval({ users: 3, usersStarted: 5, usersFinished: 2, bytesReceived: 100, bytesSent: 10 }),
      interval({
        endMs: startMs + 1_400,
        stepMs: 400,
        users: 0,
        usersStarted: 1,
        usersFinished: 4,
        bytesReceived: 7,
        bytesSent: 1,
      }),
    ]);
    expect(found.totals).toMatchObject({
      usersStarted: 6,
      usersFinished: 6,
      usersPeak: 3,
      bytesReceived: 107,
      bytesSent: 11,
    });
    expect(sum(found.series.usersStarted)).toBe(6);
    expect(found.series.users).toEqual([3, 0]);
  });

  it('takes the engine’s own counts where it left no row, so that no share contradicts them', () => {
    const found = ended([
      samples([{ us: 2_000 }], 'connect'),
      interval({ requests: 2, statuses: { 503: 2 }, usersStarted: 3, usersFinished: 3 }),
    ]);
    expect(found.totals).toMatchObject({ requests: 2, failed: 2, errorShare: 1 });
    expect(found.statuses).toEqual({ 503: 2 });
    expect(found.errors).toMatchObject([{ kind: 'status 503', count: 2 }]);
    expect(found.series).toMatchObject({ requests: [2], failed: [2], meanMs: [null] });
    expect(found.notes).toEqual([
      'the engine counted the requests, but left no record of their durations',
    ]);
  });

  it('says how many requests the engine counted and left no row of', () => {
    const found = ended([
      samples([{ status: 503 }, {}]),
      interval({ requests: 5, statuses: { 200: 2, 503: 3 } }),
    ]);
    expect(found.totals).toMatchObject({ requests: 2, failed: 1, errorShare: 0.5 });
    expect(found.statuses).toEqual({ 200: 1, 503: 1 });
    expect(found.errors).toMatchObject([{ kind: 'status 503', count: 1 }]);
    expect(found.notes).toEqual([
      'the engine counted 5 requests, but left a record of only 2: the rest is in none of these numbers',
    ]);
  });

  it('says nothing of that where there are more rows, or no rows are wanted', () => {
    expect(ended([samples([{}, {}]), interval({ requests: 1 })]).notes).toBeUndefined();
    expect(ended([interval({ requests: 1 })], 'intervals').notes).toBeUndefined();
  });

  it('tells counts and means from the engine’s own timings where there are no samples', () => {
    const timing = { kind: 'request', name: 'xmpp' } as const;
    const found = collected(
      [
        interval({
          timings: [{ ...timing, count: 3, meanUs: 2_000, minUs: 1_000, maxUs: 4_000 }],
          statuses: { 200: 2, 500: 1 },
          errors: { closed: 1 },
        }),
        interval({ endMs: startMs + 2_000, timings: [{ ...timing, count: 1, meanUs: 6_000 }] }),
      ],
      'intervals',
    );
    expect(found.totals).toMatchObject({
      requests: 4,
      failed: 1,
      otherErrors: 1,
      errorShare: 2 / 5,
    });
    expect(found.totals.perSecond).toBe(2);
    expect(found.latency).toBeUndefined();
    expect(found.names).toMatchObject([{ name: 'xmpp', count: 4, failed: 1, meanMs: 3 }]);
    expect(found.series).toMatchObject({
      requests: [3, 1],
      failed: [1, 0],
      meanMs: [2, 6],
      p95Ms: [null, null],
      maxMs: [null, null],
    });
    expect(found.loadStartedMs).toBe(startMs);
  });

  it('takes failures from the engine’s count where samples have durations only', () => {
    const found = ended(
      [samples([{ status: 0 }, { status: 0 }]), interval({ statuses: { 200: 1, 503: 1 } })],
      'overall',
    );
    expect(found.totals).toMatchObject({ requests: 2, failed: 1, otherErrors: 0 });
    expect(found.names[0]).toMatchObject({ failed: 1, statuses: { 200: 1, 503: 1 } });
    expect(found.latency?.p99Ms).toBe(1);
    expect(found.errors).toMatchObject([{ kind: 'status 503', count: 1 }]);
    expect(sum(found.series.failed)).toBe(1);
  });

  it('spreads a long interval over its seconds in whole numbers', () => {
    const { series } = collected([
      interval({ endMs: startMs + 10_000, stepMs: 10_000, usersStarted: 25, users: 7 }),
    ]);
    expect(series.usersStarted).toHaveLength(10);
    expect(sum(series.usersStarted)).toBe(25);
    expect(series.usersStarted.every((count) => count === 2 || count === 3)).toBe(true);
    expect(series.users).toEqual(new Array(10).fill(7));
  });

  it.each([Number.NaN, 0, 4.1e12])('survives an interval that ended at %s', (endMs) => {
    const found = collected([interval({ usersStarted: 1 }), interval({ endMs, usersStarted: 2 })]);
    expect(found.totals.usersStarted).toBe(3);
    expect(found.series.usersStarted).toEqual([1]);
  });

  it('gives no number of users while the engine reports nothing', () => {
    const at = (seconds: number, stepMs: number) =>
      interval({ endMs: startMs + seconds * 1_000, stepMs, users: 4, usersStarted: 1 });
    const { series } = collected([at(1, 1_000), at(2, 1_000), at(62, 60_000), at(63, 1_000)]);
    expect(series.users.filter((users) => users === null)).toHaveLength(59);
    expect(series.users.slice(-2)).toEqual([4, 4]);
    expect(sum(series.usersStarted)).toBe(4);
  });

  it('tells the peak of users who came and went between two looks', () => {
    const found = collected([interval({ users: 0, usersPeak: 2, usersStarted: 6 })]);
    expect(found.totals.usersPeak).toBe(2);
  });

  it('counts as errors only the users that were stopped while they waited', () => {
    const collectorAt = collector('each');
    const errors = { error_never_answered: 12 };
    collectorAt.add(interval({ users: 15, usersStarted: 15, bytesSent: 9, errors }));
    collectorAt.add(samples([{}]));
    collectorAt.end();
    const { notes } = collectorAt.full();
    expect(notes).toEqual([
      expect.stringMatching(/^12 of 15 users were stopped .*each is counted as an error/),
      expect.stringMatching(/^3 of 15 users were still under way .*nor as errors/),
    ]);
  });

  it('says at the end how many users were still under way: what they waited for is in no figure', () => {
    const collectorAt = collector('each');
    collectorAt.add(interval({ users: 15, usersStarted: 15 }));
    expect(collectorAt.full().notes).toBeUndefined();
    collectorAt.end();
    expect(collectorAt.full().notes).toContain('not one request was sent');
    collectorAt.add(interval({ bytesSent: 9 }));
    expect(collectorAt.full().notes).toEqual([
      expect.stringMatching(/^15 of 15 users were still under way when the load ended/),
      'not one request was answered',
    ]);
    collectorAt.add(interval({ users: 0, usersFinished: 15 }));
    collectorAt.add(samples([{}]));
    expect(collectorAt.full().notes).toBeUndefined();
  });

  it('says how many requests were in flight when the load ended, and counts them as nothing else', () => {
    const its = collector('each');
    its.add(samples([{}]));
    its.end();
    expect(its.full().totals).not.toHaveProperty('inFlight');
    its.add({ type: 'totals', startMs, totals: [], errors: [], inFlight: 1 });
    expect(its.full().notes).toEqual([expect.stringMatching(/^1 request was in flight when/)]);
    its.add({ type: 'totals', startMs, totals: [], errors: [], inFlight: 22 });
    expect(its.full()).toMatchObject({
      totals: { requests: 1, failed: 0, otherErrors: 0, inFlight: 23 },
      notes: [expect.stringMatching(/^23 requests were in flight when the load ended: /)],
    });
  });

  it('says that requests without an answer were sent, and counts no failure', () => {
    const its = collector('each');
    its.add(interval({ usersStarted: 3, usersFinished: 3, oneWay: 2 }));
    its.add(interval({ oneWay: 10 }));
    its.end();
    expect(its.full()).toMatchObject({
      totals: { requests: 0, oneWay: 12 },
      notes: ['requests sent: 12, none of which asked for an answer'],
    });
    its.add(samples([{}]));
    expect(its.full().notes).toEqual([expect.stringMatching(/no answer: 12; they are not among/)]);
  });

  it('adds up what cannot be read by file', () => {
    const unreadable = { type: 'unreadable', file: 'a.log', count: 2, example: 'x' } as const;
    expect(collected([unreadable, { ...unreadable, example: 'y' }]).unreadable).toEqual([
      { file: 'a.log', count: 4, example: 'x' },
    ]);
  });
});

describe('a series while the run goes on', () => {
  const second = (at: number, rows: number) =>
    samples(Array.from({ length: rows }, (_, row) => ({ ms: startMs + at * 1_000 + row })));
  const machine = (atMs: number) => ({ ...calm, atMs });

  it('ends with the last whole step, whatever came later is there at the end', () => {
    const it = collector('each');
    for (const at of [0, 1, 2]) it.add(second(at, 9));
    it.add(second(3, 2));
    expect(it.full().series.requests).toEqual([9, 9, 9]);
    expect(it.full().names[0]?.series?.count).toEqual([9, 9, 9]);
    expect(it.full().totals.requests).toBe(29);
    it.end();
    expect(it.full().series.requests).toEqual([9, 9, 9, 2]);
    expect(it.full().names[0]?.series?.count).toEqual([9, 9, 9, 2]);
  });

  it('holds a second that the engine counted as a whole at once', () => {
    const it = collector('each');
    for (const batch of totals([{ ms: startMs }, { ms: startMs + 1_000 }])) it.add(batch);
    expect(it.full().series.requests).toEqual([1, 1]);
  });

  it('has no zeros for what is still under way: of the machine it is known earlier', () => {
    const it = collector('each');
    it.add(interval({ endMs: startMs + 1_000, usersStarted: 4 }));
    for (const batch of totals([{ ms: startMs }, { ms: startMs + 1_000 }])) it.add(batch);
    it.addGenerator(machine(startMs + 3_000));
    const { series } = it.full();
    expect(series.requests).toEqual([1, 1]);
    expect(series.usersStarted).toEqual([4, null]);
  });

  it('shows that nothing is answered any more, three seconds later', () => {
    const it = collector('each');
    for (const batch of totals([{ ms: startMs }])) it.add(batch);
    it.addGenerator(machine(startMs + 5_000));
    expect(it.full().series.requests).toEqual([1, 0]);
    it.addGenerator(machine(startMs + 9_000));
    expect(it.full().series.requests).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it('leaves out a longer step until it is over', () => {
    const it = collector('each');
    it.add(second(0, 1));
    it.add(second(3_999, 5));
    const { series } = it.full();
    expect(series.stepMs).toBe(2_000);
    expect(series.requests).toHaveLength(1_999);
  });
});

describe('a tick', () => {
  it('makes of what was known what is known now', () => {
    const row = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      ms: fc.oneof(
        fc.integer({ min: startMs, max: startMs + 60_000 }),
        fc.integer({ min: startMs - 60_000, max: startMs + 200_000 }),
      ),
      us: fc.integer({ min: 1, max: 1e8 }),
      status: fc.constantFrom(200, 404, 503),
      ok: fc.boolean(),
      error: fc.constantFrom('', 'reset'),
    });
    const batch = fc.oneof(
      fc.array(row, { maxLength: 20 }).map((rows) => samples(rows)),
      fc
        .record({
          endMs: fc.integer({ min: startMs, max: startMs + 100_000 }),
          users: fc.nat(100),
          usersStarted: fc.nat(9),
          errors: fc.constantFrom({}, { reset: 1 }, { reset: 40, refused: 1 }),
        })
        .map(interval),
    );
    fc.assert(
      fc.property(fc.array(fc.array(batch, { maxLength: 4 }), { maxLength: 6 }), (seconds) => {
        const ticking = collector('each');
        const whole = collector('each');
        let known: Measurements = ticking.full();
        for (const batches of seconds) {
          for (const it of batches) {
            ticking.add(it);
            whole.add(it);
          }
          known = applyTick(known, structuredClone(ticking.tick()));
          expect(withoutNameSeries(known)).toEqual(withoutNameSeries(whole.full()));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('carries the whole run when its steps have become longer', () => {
    const it = collector('each');
    it.add(samples([{ ms: startMs }, { ms: startMs + 3_000_000 }]));
    const known = it.full();
    it.add(samples([{ ms: startMs + 4_000_000 }]));
    const after = applyTick(known, it.tick());
    expect(after.series).toEqual(it.full().series);
    expect(after.series.stepMs).toBe(2_000);
  });

  it('carries the steps that changed, not the whole run', () => {
    const it = collector('each');
    it.add(samples(Array.from({ length: 500 }, (_, at) => ({ ms: startMs + at * 1_000 }))));
    it.full();
    it.add(samples([{ ms: startMs + 498_500 }, { ms: startMs + 500_000 }]));
    const tick = it.tick();
    expect(tick.seriesFrom).toBe(498);
    expect(tick.series).toMatchObject({ startMs: startMs + 498_000, requests: [2, 1] });
    expect(it.tick().series.requests).toEqual([]);
  });

  it('that does not continue what is known leaves the series as it was', () => {
    const it = collector('each');
    it.add(samples([{ ms: startMs }]));
    const known = it.full();
    it.add(samples([{ ms: startMs + 5_000 }]));
    it.tick();
    it.add(samples([{ ms: startMs + 9_000 }]));
    const after = applyTick(known, it.tick());
    expect(after.series).toEqual(known.series);
    expect(after.totals.requests).toBe(3);
  });
});

function collector(requests: Sampling['requests']): Collector {
  return createCollector({ sampling: { requests }, slo: [], plan: { loadPhases: [] } });
}

function collected(
  batches: readonly Parameters<Collector['add']>[0][],
  requests: Sampling['requests'] = 'each',
  { isOver = false } = {},
): Measurements {
  const it = collector(requests);
  for (const batch of batches) it.add(batch);
  if (isOver) it.end();
  return it.full();
}

/** Includes what is known only once nothing more will come. */
function ended(...[batches, requests]: Parameters<typeof collected>): Measurements {
  return collected(batches, requests, { isOver: true });
}

function withoutNameSeries({ names, ...rest }: Measurements): unknown {
  return { ...rest, names: names.map(({ series: _, ...name }) => name) };
}
