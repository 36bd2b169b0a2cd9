/** The rules by which the generator is called valid or suspect. */
import { describe, expect, it } from 'vitest';
import type { GeneratorSample } from '../../../src/engine/generator-sample.ts';
import { GeneratorWatch, type LoadFacts } from '../../../src/results/generator.ts';
import { parseGeneratorLine } from '../../../src/results/generator-file.ts';
import type { GeneratorHealth } from '../../../src/results/summary.ts';
import { startMs } from './batches.ts';

const calm: GeneratorSample = {
  atMs: startMs + 1_000,
  stepMs: 1_000,
  cpuPercent: 40,
  stealPercent: 0,
  memoryPercent: 30,
  runQueue: 1,
  networkReceivedBytes: 1,
  networkSentBytes: 1,
  openFiles: 100,
  openFilesLimit: 1_000,
  tcpSockets: 10,
  localPorts: 28_000,
  tcpRetransmits: 0,
};
const facts: LoadFacts = {
  loadStartedMs: startMs,
  loadEndedMs: startMs + 20_000,
  plan: { phases: [] },
  usersStarted: 0,
  errors: [],
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
    ['busy on average', 'CPU was 92 % busy on average', () => ({ cpuPercent: 92 })],
    [
      'busy for 5 s in a row',
      'over 95 % busy for 5 s in a row',
      (at) => ({ cpuPercent: at >= 4 && at < 9 ? 99 : 10 }),
    ],
    ['robbed of CPU', 'up to 12 % of the CPU', (at) => ({ stealPercent: at === 3 ? 12 : 0 })],
    ['full', 'memory was 91 % full', (at) => ({ memoryPercent: at === 3 ? 91 : 20 })],
    ['short of files', '95 % of the files it may open', () => ({ openFiles: 950 })],
    ['short of ports', '82 % of the local ports', () => ({ tcpSockets: 23_000 })],
    [
      'throttled',
      'pps_allowance_exceeded grew by 40',
      () => ({ allowanceExceeded: { pps_allowance_exceeded: 2 } }),
    ],
  ])('is suspect when %s', (_, reason, change) => {
    const { verdict, reasons } = health(seconds(20, change));
    expect(verdict).toBe('suspect');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(reason);
  });

  it('may be busy for 4 s, and before and after the load for as long as it likes', () => {
    expect(health(seconds(20, (at) => ({ cpuPercent: at % 5 === 4 ? 10 : 99 }))).verdict).toBe(
      'valid',
    );
    const outside = seconds(20, (at) => ({ cpuPercent: at < 10 ? 99 : 10 }));
    expect(health(outside, { loadStartedMs: startMs + 10_000 }).verdict).toBe('valid');
  });

  it('is suspect when it launched fewer users than planned by the end of the phases', () => {
    const phases = [{ name: '1', startMs: 0, durationMs: 20_000 }];
    const plan = { phases, plannedUsers: 10_000 };
    const launched = (usersStarted: number): GeneratorHealth =>
      health(
        seconds(20, () => ({})),
        { plan, usersStarted },
      );
    expect(launched(9_500).verdict).toBe('valid');
    expect(launched(9_000).reasons).toEqual([
      'only 9000 of 10000 planned users were launched in time',
    ]);
  });

  it('is not to blame when few users came by chance, or the run was ended early', () => {
    const phases = [{ name: '1', startMs: 0, durationMs: 20_000 }];
    const few = { plan: { phases, plannedUsers: 20 }, usersStarted: 12 };
    expect(
      health(
        seconds(20, () => ({})),
        few,
      ).verdict,
    ).toBe('valid');
    const early = {
      plan: { phases, plannedUsers: 10_000 },
      usersStarted: 10,
      loadEndedMs: startMs + 5_000,
    };
    expect(
      health(
        seconds(5, () => ({})),
        early,
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
        seconds(3, () => ({})),
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
    const full = { ...calm, allowanceExceeded: { bw_in_allowance_exceeded: 3 } };
    expect(parseGeneratorLine(JSON.stringify(full))).toEqual(full);
    const { openFiles: _, openFilesLimit: __, ...least } = calm;
    expect(parseGeneratorLine(JSON.stringify(least))).toEqual(least);
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
    expect(parseGeneratorLine(line)).toBeUndefined();
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
): GeneratorHealth {
  const watch = new GeneratorWatch();
  for (const sample of given) watch.add(sample);
  return watch.health({ ...facts, ...changed });
}
