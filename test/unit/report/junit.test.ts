/** junit.xml: one test case for each rule, and valid XML no matter what the names are. */
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { junitXml } from '../../../src/report/junit.ts';
import type { Summary } from '../../../src/report/summary.ts';
import { sloResult } from '../../support/slo.ts';
import { startMs } from '../results/batches.ts';
import { hostile, state, summaryOf } from './fixture.ts';

describe('junit.xml', () => {
  it('has a case for the run, the generator, and each rule', () => {
    const { cases, suite } = parsed(summaryOf());
    expect(cases).toEqual([
      { name: 'run completed', result: 'passed', message: '' },
      {
        name: 'generator valid',
        result: 'skipped',
        message: 'the health of the generator is unknown',
      },
      { name: 'p95 < 1s', result: 'passed', message: '' },
      { name: 'errors < 1%', result: 'failure', message: 'measured 50 %' },
      { name: 'transaction(none).p99 < 1s', result: 'failure', message: 'nothing was measured' },
    ]);
    expect(suite).toMatchObject({ tests: '5', failures: '2', skipped: '1', errors: '0' });
  });

  const problem = { code: 'INTERNAL', message: 'it broke', hint: 'look' } as const;
  it.each([
    [{ outcome: { kind: 'cut' } }, 'passed', ''],
    [{ outcome: { kind: 'stopped' } }, 'failure', 'the run was stopped by hand'],
    [
      { outcome: { kind: 'interrupted', problem } },
      'failure',
      'the run was interrupted after 1 of 5 s: INTERNAL: it broke (look)',
    ],
    [{ outcome: { kind: 'failed', problem } }, 'failure', 'INTERNAL: it broke (look)'],
    [{ problems: [problem] }, 'failure', 'INTERNAL: it broke (look)'],
  ] as const)('says of a run with %j: %s', (change, result, message) => {
    const { cases } = parsed(summaryOf([], [], { ...state, ...change }));
    expect(cases[0]).toEqual({ name: 'run completed', result, message });
  });

  it('shows the warnings of the run, which fail nothing', () => {
    const message = 'session "a" sends <nothing>';
    const warnings = [{ code: 'TSUNG_SESSION_SILENT', message, hint: '' }] as const;
    const xml = junitXml(summaryOf([{}], [], { ...state, warnings }));
    expect(xml).toContain(
      '<system-out>warning: TSUNG_SESSION_SILENT: session &#34;a&#34; sends &#60;nothing&#62;</system-out>',
    );
    const without = junitXml(summaryOf([{}], [], state));
    expect(parsed(summaryOf([{}], [], { ...state, warnings })).suite).toMatchObject({
      failures: parsed(summaryOf([{}], [], state)).suite['failures'],
    });
    expect(without).not.toContain('warning:');
  });

  it.each([true, false])('has a case for what the scenario says of itself: %s', (ok) => {
    const verdict = { ok, message: '1 of 2 thresholds' };
    const outcome = { kind: 'complete', verdict } as const;
    const { cases } = parsed(summaryOf([], [], { ...state, outcome }));
    expect(cases.slice(0, 2)).toEqual([
      { name: 'run completed', result: 'passed', message: '' },
      {
        name: "the scenario's own verdict",
        ...(ok
          ? { result: 'passed', message: '' }
          : { result: 'failure', message: '1 of 2 thresholds' }),
      },
    ]);
  });

  it('says after how much of its plan a run was stopped', () => {
    const stopAskedAt = new Date(startMs + 2_000).toISOString();
    const { cases } = parsed(
      summaryOf([{}], [], { ...state, outcome: { kind: 'stopped' }, stopAskedAt }),
    );
    expect(cases[0]?.message).toBe('the run was stopped by hand after 2 of 5 s');
  });

  it('says of a run without an outcome where it is', () => {
    const { outcome: _, ...open } = state;
    const { cases } = parsed(summaryOf([], [], { ...open, phase: 'running' }));
    expect(cases[0]?.message).toBe('the run has not ended: it is running');
  });

  it('says of a rule that more than half failed', () => {
    const result = sloResult('p95 < 1s', false, { failedShare: 0.67 });
    const { cases } = parsed({ ...summaryOf(), slo: { verdict: 'fail', rules: [result] } });
    expect(cases.at(-1)).toEqual({
      name: 'p95 < 1s',
      result: 'failure',
      message: '67 % failed',
    });
  });

  it.each(['strained', 'suspect'] as const)('says why the generator is %s', (verdict) => {
    const generator = { verdict, reasons: ['a', 'b'] };
    const { cases } = parsed({ ...summaryOf(), generator });
    expect(cases[1]).toEqual({
      name: 'generator valid',
      result: 'skipped',
      message: `${verdict}: a; b`,
    });
  });

  it.each(hostile.map((name) => [name]))('is valid XML with a rule named %j', (text) => {
    const result = sloResult('p95 < 1s', false, { measured: 2_000 });
    const rules = [{ ...result, rule: { ...result.rule, text } }];
    const slo = { verdict: 'fail', rules } as const;
    const { cases } = parsed({ ...summaryOf(), slo });
    const shown = text.toWellFormed().replace(/[\p{Cc}\u2028\u2029\u202e]/gu, '\ufffd');
    expect(cases[2]).toEqual({ name: shown, result: 'failure', message: 'measured 2 s' });
  });
});

function parsed(summary: Summary) {
  const cases: { name: string | undefined; result: string; message: string }[] = [];
  let suite: Readonly<Record<string, string>> = {};
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'testsuite') suite = { ...attributes };
    if (name === 'testcase')
      cases.push({ name: attributes['name'], result: 'passed', message: '' });
    const last = cases.at(-1);
    if (last === undefined || (name !== 'failure' && name !== 'skipped')) return;
    cases[cases.length - 1] = { ...last, result: name, message: attributes['message'] ?? '' };
  });
  parser.write(junitXml(summary)).close();
  return { cases, suite };
}
