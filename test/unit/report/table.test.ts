/** The closing table: figures, alignment, and names that cannot touch the terminal. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../../../src/engine/engine.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { summarize } from '../../../src/report/summary.ts';
import { closingTable } from '../../../src/report/table.ts';
import { createCollector } from '../../../src/results/collect.ts';
import { interval, samples, startMs, totals } from '../results/batches.ts';
import { now, state, summaryOf } from './fixture.ts';

// Generated input takes a while where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const linesOf = (summary: Summary): string[] => closingTable(summary).split('\n');

describe('the closing table', () => {
  it('shows names, errors, the generator and the rules', () => {
    const rows = [
      { name: 'get /', us: 10_000 },
      { name: 'get /', us: 20_000, ms: startMs + 1_999 },
      { name: 'get /cart', us: 1_234_567, status: 503 },
    ];
    expect(
      closingTable(summaryOf(rows, ['p95 < 1s', 'count >= 3', 'transaction(x).p50 < 1s'])),
    ).toBe(
      `name          count   rate      p50      p95      p99      max  failed
get /             2  0.6/s    10 ms    20 ms    20 ms    20 ms       0
get /cart         1  0.3/s  1235 ms  1235 ms  1235 ms  1235 ms       1
all requests      3  0.9/s    20 ms  1235 ms  1235 ms  1235 ms       1
p95 of those that did not fail:
  get /cart  none, all failed
  all requests  20 ms

errors: 3 of 5 (60.00 %), 2 of them no request of their own
  2 × refused
  1 × status 503  (such as get /cart)

outcome: complete
generator: unknown
SLO: fail
  missed  p95 < 1s  (60 % failed)
  met     count >= 3  (3)
  missed  transaction(x).p50 < 1s  (nothing was measured)`,
    );
  });

  it.for([40, 60, 80])('fits into a terminal of %d columns', (width) => {
    const name = 'get /a/path/that/is/longer/than/any/terminal/of/eighty/columns/can/show/at/once';
    const rows = [
      { name, us: 1_234_567 },
      { name, us: 20_000_000, status: 503 },
    ];
    const rules = ['p95 < 1s', 'transaction(x).p50 < 1s'];
    const lines = closingTable(summaryOf(rows, rules), { width }).split('\n');
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(width);
    expect(lines[0]).toMatch(/^name .* p95 .* failed$/);
    expect(lines[1]).toMatch(/^get .*… /);
    expect(lines.join(' ').replaceAll(/ +/g, ' ')).toContain(
      'missed transaction(x).p50 < 1s (nothing was measured)',
    );
  });

  it('has no control characters but line ends, whatever the names are', () => {
    const name = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const rows = names.map((it) => ({ name: it, ok: false, error: it, status: 0 }));
        const table = closingTable(summaryOf(rows));
        expect(table.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        expect(table.split('\n')[0]).toMatch(/^name /);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps columns in line with wide, combined and long names, in the width there is', () => {
    const names = ['価格', 'e\u0301te\u0301', '🛒', 'plain', 'x'.repeat(300)];
    const lines = closingTable(summaryOf(names.map((name) => ({ name }))), { width: 80 })
      .split('\n')
      .slice(0, 7);
    const wide = (line: string): number =>
      [...new Intl.Segmenter().segment(line)].reduce(
        (sum, { segment }) => sum + (/[価格🛒]/u.test(segment) ? 2 : 1),
        0,
      );
    expect(lines).toHaveLength(7);
    expect(new Set(lines.map(wide))).toEqual(new Set([80]));
    expect(lines.join()).toContain('x…');
  });

  it('counts the names it does not show', () => {
    const rows = Array.from({ length: 30 }, (_, at) => ({ name: `get /${at}` }));
    expect(closingTable(summaryOf(rows), { maxNames: 5 })).toContain('… and 25 more names');
  });

  it('shows the mean where there are no percentiles', () => {
    const collector = createCollector({
      sampling: { requests: 'intervals' },
      slo: [],
      plan: { loadPhases: [] },
    });
    const batch = samples([]);
    collector.add(batch);
    collector.add({
      type: 'interval',
      endMs: startMs,
      stepMs: 1_000,
      usersStarted: 1,
      usersFinished: 1,
      bytesReceived: 0,
      bytesSent: 0,
      statuses: {},
      errors: {},
      timings: [{ kind: 'request', name: 'xmpp', count: 4, meanUs: 2_500 }],
    });
    const table = closingTable(summarize(state, collector.full(), { final: true, now }));
    expect(table).toContain('~2.5 ms');
    expect(table).toContain('this run has no percentiles');
    expect(table).not.toContain('NaN');
  });

  it('shows no failures where they are not known', () => {
    const collector = createCollector({
      sampling: { requests: 'each' },
      slo: [],
      plan: { loadPhases: [] },
    });
    collector.add(samples([{ status: 500 }]));
    for (const batch of totals([{ name: 'buy', ok: false }], 'transaction')) collector.add(batch);
    collector.add(samples([{ name: 'look' }], 'transaction'));
    collector.add(samples([{ name: 'page' }], 'page'));
    const lines = closingTable(summarize(state, collector.full(), { final: true, now })).split(
      '\n',
    );
    const failedOf = (name: string): string | undefined =>
      lines
        .find((line) => line.startsWith(name))
        ?.split(/ +/)
        .at(-1);
    expect(['get /', 'transaction buy', 'transaction look', 'page '].map(failedOf)).toEqual([
      '1',
      '1',
      '–',
      '–',
    ]);
  });

  it("tells the generator's own delay below the percentiles, where it is known", () => {
    const summary = summaryOf([{}]);
    const delay = {
      ...{ count: 100, meanMs: 0.2, p50Ms: 0.073, p95Ms: 1, p99Ms: 2.312, maxMs: 1_042 },
      ...{ runQueueMean: 0, runQueueMax: 1 },
    };
    const lines = linesOf({ ...summary, generator: { ...summary.generator, delay } });
    const line = "the generator's own delay: p50 0.073 ms, p99 2.31 ms, max 1.04 s";
    expect(lines.indexOf(line)).toBe(lines.findIndex((its) => its.startsWith('all requests')) + 1);
    expect(closingTable(summary)).not.toContain('own delay');
  });

  it('says so when nothing was measured', () => {
    expect(closingTable(summarize(state, undefined, { final: true, now }))).toBe(
      'no requests were measured\n\nerrors: unknown, not one request was answered\n\noutcome: complete\ngenerator: unknown\nSLO: no rules',
    );
  });

  it.each([
    [{ kind: 'complete' }, 'outcome: complete'],
    [
      { kind: 'complete', verdict: { ok: false, message: '1 of 2 thresholds' } },
      "the scenario's own verdict: failed, 1 of 2 thresholds",
    ],
    [{ kind: 'cut' }, 'outcome: cut at its planned or permitted duration'],
    [{ kind: 'stopped' }, 'outcome: stopped, as it was asked to'],
    [
      { kind: 'interrupted', problem: { code: 'TSUNG_INTERRUPTED', message: 'killed', hint: '' } },
      'outcome: interrupted after 0 of 5 s, killed',
    ],
    [
      // The other members fired to the planned end.
      { kind: 'interrupted', problem: { code: 'CLUSTER_MEMBER_LOST', message: 'i-1', hint: '' } },
      'outcome: interrupted, i-1',
    ],
    [
      { kind: 'failed', problem: { code: 'TARGET_UNREACHABLE', message: 'a\nb', hint: '' } },
      'outcome: failed, a\ufffdb',
    ],
  ] satisfies [Outcome, string][])('says how the run ended: %o', (outcome, line) => {
    expect(linesOf(summaryOf([{}], [], { ...state, outcome }))).toContain(line);
  });

  it.each([
    [{ kind: 'stopped' }, 'outcome: stopped after 2 of 5 s, as it was asked to'],
    [{ kind: 'cut' }, 'outcome: cut after 3 of 5 s at its planned or permitted duration'],
  ] satisfies [Outcome, string][])('says how much of its plan it came to: %o', (outcome, line) => {
    const at = (ms: number): string => new Date(startMs + ms).toISOString();
    const engine = state.engine && { ...state.engine, startedAt: at(-500), endedAt: at(3_000) };
    const early = { ...state, outcome, stopAskedAt: at(2_000), ...(engine && { engine }) };
    expect(linesOf(summaryOf([{}], [], early))).toContain(line);
  });

  it('says of the rules that they were met until then', () => {
    const lines = (outcome: Outcome): string[] =>
      linesOf(summaryOf([{}], ['count > 0'], { ...state, outcome }));
    expect(lines({ kind: 'stopped' })).toContain('SLO: pass until then');
    const problem = { code: 'CLUSTER_MEMBER_LOST', message: 'i-1', hint: '' } as const;
    expect(lines({ kind: 'interrupted', problem })).toContain(
      'SLO: pass, of less than the planned load',
    );
    expect(lines({ kind: 'complete' })).toContain('SLO: pass');
  });

  it('says of a load that was ended while users waited that it was', () => {
    const warnings = [{ code: 'ENGINE_DRAINED', message: '3 users waited', hint: '' }] as const;
    expect(
      linesOf(summaryOf([{}], [], { ...state, outcome: { kind: 'cut' }, warnings })),
    ).toContain('outcome: cut after its planned duration, while users waited for answers');
  });

  it('says that a run has not ended, or that it never began', () => {
    const { outcome: _, ...going } = state;
    expect(linesOf(summaryOf([{}], [], { ...going, phase: 'running' }))).toContain(
      'outcome: none yet, the run is running',
    );
    const problems = [{ code: 'ZIP_CRC', message: 'broken', hint: '' }] as const;
    expect(linesOf(summaryOf([{}], [], { ...going, phase: 'failed', problems }))).toContain(
      'outcome: failed, broken',
    );
  });

  it('blames no target for requests that ask for no answer', () => {
    const collector = createCollector({
      sampling: { requests: 'each' },
      slo: [],
      plan: { loadPhases: [] },
    });
    collector.add(interval({ usersStarted: 2, usersFinished: 2, oneWay: 4 }));
    expect(linesOf(summarize(state, collector.full(), { final: true, now }))).toContain(
      'errors: unknown, none of the requests asked for an answer',
    );
  });

  it('says there are no errors of requests that were answered, where users were still under way', () => {
    const collector = createCollector({
      sampling: { requests: 'each' },
      slo: [],
      plan: { loadPhases: [] },
    });
    collector.add(interval({ usersStarted: 2, usersFinished: 1 }));
    expect(linesOf(summarize(state, collector.full(), { final: true, now }))).toContain(
      'errors: unknown, not one request was sent',
    );
    collector.add(interval({ bytesSent: 9 }));
    const lines = (): string[] => linesOf(summarize(state, collector.full(), { final: true, now }));
    expect(lines()).toContain('errors: unknown, not one request was answered');
    collector.add(samples([{}]));
    expect(lines()).toContain('errors: none of the requests that were answered');
    collector.add(interval({ usersFinished: 1 }));
    expect(lines()).toContain('errors: none');
  });

  it('shows the warnings of the run', () => {
    const message = '4 of 12 users crashed';
    const warnings = [{ code: 'TSUNG_USERS_CRASHED', message, hint: '' }] as const;
    expect(linesOf(summaryOf([{}], [], { ...state, warnings }))).toContain(
      'warning: 4 of 12 users crashed',
    );
  });

  it('gives no share of requests if there were none', () => {
    expect(linesOf(summaryOf([]))).toContain('errors: not one request was answered');
  });

  it('explains "~" only where it is', () => {
    const collector = createCollector({
      sampling: { requests: 'each' },
      slo: [],
      plan: { loadPhases: [] },
    });
    collector.add(samples([{ name: 'connect' }], 'connect'));
    expect(closingTable(summarize(state, collector.full(), { final: true, now }))).not.toContain(
      '~',
    );
  });
});
