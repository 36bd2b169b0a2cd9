/** The rules by which the generator is called valid, strained or suspect. */
import { describe, expect, it } from 'vitest';
import type { GeneratorSample } from '../../../../src/engine/generator/sample.ts';
import { parseGeneratorSample } from '../../../../src/engine/generator/sample.ts';
import { GeneratorWatch, type LoadFacts } from '../../../../src/results/generator/health.ts';
import type { GeneratorHealth } from '../../../../src/results/measurements.ts';
import { calm, delayed, interval, startMs } from '../batches.ts';

const facts: LoadFacts = {
  loadStartedMs: startMs,
  loadEndedMs: startMs + 20_000,
  plan: { loadPhases: [] },
  usersStarted: 0,
  errors: [],
  requests: 2_000,
  requestsBetween: (fromMs, toMs) => (toMs - fromMs) / 10,
  isOver: true,
};

describe('the generator', () => {
  it('is valid where no limit was near', () => {
    expect(health(seconds(20, () => ({})))).toEqual({
      verdict: 'valid',
      reasons: [],
      cpuMeanPercent: 40,
      cpuMaxPercent: 40,
      stealMaxPercent: 0,
      memoryMaxPercent: 30,
    });
  });

  it.each<[string, string, (second: number) => Partial<GeneratorSample>]>([
    ['full on average', 'CPU was 92 % busy on average', () => ({ cpuPercent: 92 })],
    [
      'full for 5 s in a row',
      'over 95 % busy for 5 s in a row; 25 % of the requests ended while it was over 80 %',
      (at) => ({ cpuPercent: at >= 4 && at < 9 ? 99 : 10 }),
    ],
    [
      'throttled',
      'pps_allowance_exceeded grew by 40',
      () => ({ allowanceExceeded: { pps_allowance_exceeded: 2 } }),
    ],
    [
      'set to another time',
      'clock jumped by -45.0 s',
      (at) => (at === 9 ? { clockStepMs: -45_000 } : {}),
    ],
  ])('is suspect when %s', (_, reason, change) => {
    const { verdict, reasons } = health(seconds(20, change));
    expect(verdict).toBe('suspect');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(reason);
  });

  it.each<[string, string, (second: number) => Partial<GeneratorSample>]>([
    [
      'busy for 3 s in a row',
      'over 80 % busy for 3 s in a row; 15 % of the requests ended while it was over 80 %',
      (at) => ({ cpuPercent: at >= 4 && at < 7 ? 81 : 10 }),
    ],
    [
      'busy for a fifth of the load',
      'over 80 % busy for 20 % of the load',
      (at) => ({ cpuPercent: at % 5 === 0 ? 81 : 10 }),
    ],
    [
      'full while 1 % of the requests ended',
      'over 90 % busy while 5 % of the requests ended',
      (at) => ({ cpuPercent: at === 4 ? 91 : 10 }),
    ],
    [
      'idle, and its engine has used up the processors that it may use',
      'over 80 % busy for 3 s in a row',
      (at) => ({ engineCpuPercent: at >= 4 && at < 7 ? 99 : 10 }),
    ],
    ['robbed of CPU', 'up to 12 % of the CPU', (at) => ({ stealPercent: at === 3 ? 12 : 0 })],
    ['nearly full', 'memory was 91 % full', (at) => ({ memoryPercent: at === 3 ? 91 : 20 })],
    ['near its limit of files', '95 % of the files it may open', () => ({ openFiles: 950 })],
    ['near its last port', '82 % of the local ports', () => ({ tcpSockets: 23_000 })],
  ])('is strained when %s', (_, reason, change) => {
    const { verdict, reasons } = health(seconds(20, change));
    expect(verdict).toBe('strained');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(reason);
  });

  it('tells the share of the requests that ended while its CPU was busy', () => {
    const busy = seconds(20, (at) => ({ cpuPercent: at < 4 ? 85 : 10 }));
    expect(health(busy).busyRequestShare).toBeCloseTo(0.2);
    expect(health(seconds(20, () => ({})))).not.toHaveProperty('busyRequestShare');
  });

  it('is suspect after a run of a second without a processor to spare', () => {
    const short = { loadEndedMs: startMs + 1_200, requests: 120 };
    expect(
      health(
        seconds(1, () => ({ cpuPercent: 100 })),
        short,
      ).verdict,
    ).toBe('suspect');
    expect(
      health(
        seconds(1, () => ({ cpuPercent: 82 })),
        short,
      ).verdict,
    ).toBe('strained');
  });

  it('may be busy now and then for 2 s, and before and after the load for as long as it likes', () => {
    const now = seconds(20, (at) => ({ cpuPercent: at === 4 || at === 5 || at === 9 ? 89 : 10 }));
    expect(health(now).verdict).toBe('valid');
    const outside = seconds(20, (at) => ({ cpuPercent: at < 10 ? 99 : 10 }));
    expect(health(outside, { loadStartedMs: startMs + 9_800 }).verdict).toBe('valid');
  });

  it('that left no record of what its engine counted is suspect, once nothing more will come', () => {
    const of = (unrecorded: number) =>
      health(
        seconds(20, () => ({})),
        { requests: 99, unrecorded },
      );
    expect(of(1).verdict).toBe('valid');
    expect(of(2)).toMatchObject({
      verdict: 'suspect',
      reasons: ['2 of 101 requests were counted and not recorded'],
    });
  });

  describe('stood still', () => {
    const still = 'the generator was not watched for 11 s from 22:13:25 UTC on';
    const late = seconds(20, (at) => (at === 15 ? { stepMs: 11_000 } : {})).filter(
      (_, at) => at < 5 || at >= 15,
    );

    it('and is suspect for it', () => {
      expect(health(late)).toMatchObject({ verdict: 'suspect', reasons: [still] });
    });

    it('also where the line that tells of the time says a second', () => {
      expect(health(late.map((sample) => ({ ...sample, stepMs: 1_000 }))).reasons).toEqual([still]);
    });

    it('also to the end of the load, once nothing more will come', () => {
      const first = seconds(12, () => ({}));
      expect(health(first).reasons).toEqual([
        'the generator was not watched for 8 s from 22:13:32 UTC on',
      ]);
      expect(health(first, { isOver: false }).verdict).toBe('valid');
    });

    it('or its engine did', () => {
      const steps = [1_000, 1_000, 14_000, 1_000, 1_000];
      expect(
        health(
          seconds(20, () => ({})),
          {},
          steps,
        ).reasons,
      ).toEqual(['the engine counted nothing for 14 s from 22:13:22 UTC on']);
      expect(
        health(
          seconds(20, () => ({})),
          {},
          [10_000, 10_000],
        ).verdict,
      ).toBe('valid');
    });
  });

  describe('that was to start 100 users a second for 100 s', () => {
    const plan = {
      loadPhases: [{ name: '1', startMs: 0, durationMs: 100_000, arrivalRate: 100, users: 10_000 }],
      plannedUsers: 10_000,
    };
    const started = (usersStarted: number, lastedMs: number, ranMs = lastedMs): GeneratorHealth =>
      health(
        seconds(Math.ceil(lastedMs / 1_000), () => ({})),
        { plan, usersStarted, loadEndedMs: startMs + lastedMs },
        Array.from({ length: Math.ceil(ranMs / 1_000) }, () => 1_000),
      );

    it('is suspect when it started fewer', () => {
      expect(started(9_500, 100_000).verdict).toBe('valid');
      expect(started(9_000, 100_000).reasons).toEqual([
        'only 9,000 of 10,000 planned users were launched',
      ]);
    });

    it('is suspect too where the last request ended a little before the plan did', () => {
      expect(started(4_100, 99_100).reasons).toEqual([
        'only 4,100 of 10,000 planned users were launched',
      ]);
    });

    it('is suspect too where nothing was requested any more from some moment on', () => {
      expect(started(4_000, 40_000, 101_000).reasons).toContain(
        'only 4,000 of 10,000 planned users were launched',
      );
    });

    it('is held against the plan until it was stopped', () => {
      expect(started(3_000, 30_000).verdict).toBe('valid');
      expect(started(1_500, 30_400).reasons).toEqual([
        'only 1,500 of 2,940 users planned until then were launched',
      ]);
    });

    it('is not blamed for phases whose start is not known', () => {
      const loadPhases = [
        { name: '1', startMs: 0, durationMs: 10_000, arrivalRate: 100, users: 1_000 },
        { name: '2', startMs: 10_000, durationMs: 90_000, arrivalRate: 100 },
      ];
      const waited = { plan: { loadPhases, plannedUsers: 10_000 }, usersStarted: 1_000 };
      expect(
        health(
          seconds(20, () => ({})),
          waited,
        ).verdict,
      ).toBe('valid');
    });
  });

  describe('by its own delay', () => {
    const p99 = "the generator's own delay had a p99 of";
    const tenth = "more than a tenth of the requests' p95";

    it.each<[string, readonly number[], number | undefined, string[]]>([
      [
        'a tenth of the requests',
        ms(98, 0.1, [2.3, 2.3, 2.3]),
        20,
        [`${p99} 2.3 ms, ${tenth} (20 ms)`],
      ],
      ['not quite a tenth', ms(98, 0.1, [2.3, 2.3, 2.3]), 23, []],
      ['a tenth, for less than a hundredth of the load', ms(297, 0.1, [9, 9, 9]), 20, []],
      ['less than the timers can tell', ms(98, 0.1, [0.9, 0.9, 0.9]), 0.3, []],
      ['more than that', ms(98, 0.1, [1.3, 1.3, 1.3]), 0.3, [`${p99} 1.3 ms, ${tenth} (0.3 ms)`]],
      ['50 ms', ms(98, 0.1, [50, 50, 50]), 4_000, []],
      [
        'over 50 ms',
        ms(98, 0.1, [60, 60, 60]),
        4_000,
        [`${p99} 60 ms, more than 50 ms; the requests' p95 was 4 s`],
      ],
      [
        'over 50 ms, without durations',
        ms(98, 0.1, [60, 60, 60]),
        undefined,
        [`${p99} 60 ms, more than 50 ms`],
      ],
      ['twice in a short load', ms(20, 0.1, [800, 700]), 20, []],
      [
        'for a moment of a short load',
        ms(20, 0.1, [800, 700, 600]),
        20,
        [`${p99} 800 ms, ${tenth} (20 ms)`],
      ],
      ['once in the very first second', ms(0, 0, [300]), 20, []],
    ])('is judged where it was %s', (_, lateMs, p95Ms, reasons) => {
      const found = late(lateMs, { p95Ms });
      expect(found.reasons).toEqual(reasons);
      expect(found.verdict).toBe(reasons.length > 0 ? 'suspect' : 'valid');
    });

    it('is suspect for that before its CPU is looked at', () => {
      const busy = seconds(20, () => ({ cpuPercent: 99 }));
      const { reasons, verdict } = late(ms(98, 0.1, [60, 60, 60]), { p95Ms: 20 }, busy);
      expect(verdict).toBe('suspect');
      expect(reasons.map((text) => text.slice(0, 30))).toEqual([
        "the generator's own delay had ",
        "the generator's CPU was 99 % b",
      ]);
    });

    it('is no more than strained by a full CPU where it was in time all the same', () => {
      const busy = seconds(20, () => ({ cpuPercent: 99 }));
      expect(late(ms(100, 0.3, []), { p95Ms: 20 }, busy).verdict).toBe('strained');
      expect(late(ms(99, 0.3, []), { p95Ms: 20 }, busy).verdict).toBe('suspect');
      expect(health(busy).verdict).toBe('suspect');
    });

    it('is told in figures, and not at all where it was not measured', () => {
      const { delay } = late(ms(98, 0.1, [2, 3]), {});
      expect(delay).toEqual({
        count: 100,
        meanMs: 0.148,
        ...{ p50Ms: 0.1, p95Ms: 0.1, p99Ms: 2, maxMs: 3 },
        ...{ runQueueMean: 2, runQueueMax: 4 },
      });
      expect(health(seconds(20, () => ({})))).not.toHaveProperty('delay');
    });

    /** So many of one length, and some others. */
    function ms(times: number, each: number, others: readonly number[]): readonly number[] {
      return [...new Array<number>(times).fill(each), ...others];
    }

    function late(
      lateMs: readonly number[],
      its: Partial<LoadFacts>,
      samples = seconds(20, () => ({})),
    ): GeneratorHealth {
      const watch = new GeneratorWatch();
      for (const sample of samples) watch.add(sample);
      watch.addDelay(
        delayed(
          lateMs.map((each) => each * 1_000),
          [0, 4],
        ),
      );
      return watch.health({ ...facts, ...its });
    }
  });

  it('is not to blame when few users came by chance', () => {
    const loadPhases = [{ name: '1', startMs: 0, durationMs: 20_000 }];
    const few = { plan: { loadPhases, plannedUsers: 20 }, usersStarted: 12 };
    expect(
      health(
        seconds(20, () => ({})),
        few,
      ).verdict,
    ).toBe('valid');
  });

  it.each([
    ['error_connect_emfile', 'open files'],
    ['error_connect_eaddrinuse', 'local ports'],
    ['error_connect_eaddrnotavail', 'local ports'],
    ['error_connect_enobufs', 'memory'],
  ])('is suspect after %s', (kind, what) => {
    const { verdict, reasons } = health([], { errors: [{ kind, count: 3 }] });
    expect(verdict).toBe('suspect');
    expect(reasons[0]).toContain(what);
    expect(reasons[0]).toContain(`3 × ${kind}`);
  });

  it('is not to blame for errors of the target', () => {
    const errors = [{ kind: 'error_connect_econnrefused', count: 3 }];
    expect(
      health(
        seconds(20, () => ({})),
        { errors },
      ).verdict,
    ).toBe('valid');
  });

  it('is unknown without data', () => {
    expect(health([])).toEqual({ verdict: 'unknown', reasons: [] });
    expect(
      health(
        seconds(3, () => ({})),
        { loadStartedMs: undefined },
      ).verdict,
    ).toBe('unknown');
  });
});

describe('a line of generator.ndjson', () => {
  it('is read as it was written', () => {
    const full = {
      ...calm,
      clockStepMs: -900,
      engineCpuPercent: 70,
      allowanceExceeded: { bw_in_allowance_exceeded: 3 },
    };
    expect(parseGeneratorSample(JSON.stringify(full))).toEqual(full);
    const { openFiles: _, openFilesLimit: __, ...least } = calm;
    expect(parseGeneratorSample(JSON.stringify(least))).toEqual(least);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"atMs":1}',
    JSON.stringify(calm).slice(0, -5),
    JSON.stringify({ ...calm, cpuPercent: '40' }),
    JSON.stringify({ ...calm, cpuPercent: null }),
  ])('is none: %s', (line) => {
    expect(parseGeneratorSample(line)).toBeUndefined();
  });
});

function seconds(
  count: number,
  change: (second: number) => Partial<GeneratorSample>,
): GeneratorSample[] {
  return Array.from({ length: count }, (_, at) => ({
    ...calm,
    atMs: startMs + (at + 1) * 1_000,
    ...change(at),
  }));
}

function health(
  given: readonly GeneratorSample[],
  changed: Partial<LoadFacts> = {},
  intervals: readonly number[] = [],
): GeneratorHealth {
  const watch = new GeneratorWatch();
  let endMs = startMs;
  for (const stepMs of intervals) {
    endMs += stepMs;
    watch.addInterval(interval({ endMs, stepMs }));
  }
  for (const sample of given) watch.add(sample);
  return watch.health({ ...facts, ...changed });
}
