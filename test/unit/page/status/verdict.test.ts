/** The run in one line. */

import { describe, expect, it } from 'vitest';
import { headlineOf } from '../../../../src/page/status/verdict.ts';
import { failed, interrupted, storefront, waiting } from '../../../support/page-fixture.ts';
import { sloResult } from '../../../support/slo.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const { run, summary } = storefront();
const pass = {
  verdict: 'pass',
  rules: [sloResult('p95 < 1s', true, { measured: 200 })],
} as const;

describe('the headline', () => {
  it('is the verdict when the run is over', () => {
    expect(headlineOf(run, summary)).toMatchObject({ tone: 'fail', title: 'Failed' });
    expect(headlineOf(run, { ...summary, slo: pass })).toMatchObject({
      tone: 'pass',
      title: 'Passed',
      sentence: 'The rule is kept.',
    });
  });

  it.each(['strained', 'suspect'] as const)('doubts a pass that a %s generator gave', (verdict) => {
    const generator = { verdict, reasons: ['CPU'] };
    expect(headlineOf(run, { ...summary, slo: pass, generator })).toMatchObject({
      tone: 'warn',
      title: `Passed, but the generator is ${verdict}`,
    });
  });

  it('doubts a pass if the generator is unknown, or most requests failed', () => {
    const generator = { verdict: 'unknown', reasons: [] } as const;
    expect(headlineOf(run, { ...summary, slo: pass, generator })).toMatchObject({
      tone: 'warn',
      title: 'Passed, but the state of the generator is unknown',
    });
    const totals = { ...summary.totals, errorShare: 0.67 };
    const { tone, title } = headlineOf(run, { ...summary, slo: pass, totals });
    expect([tone, plain(title)]).toEqual(['warn', 'Passed, but 67 % were errors']);
  });

  it('doubts a pass of a scenario that says itself that it failed', () => {
    const outcome = { kind: 'complete', verdict: { ok: false, message: 'p95 < 1' } } as const;
    const failing = { ...summary, slo: pass, run: { ...summary.run, outcome } };
    expect(headlineOf({ ...run, phase: 'finished', outcome }, failing)).toMatchObject({
      tone: 'warn',
      title: 'Passed, but the scenario itself says that it failed',
      sentence: 'The rule is kept. The scenario itself says that it failed: p95 < 1.',
    });
  });

  const loadStartedMs = Date.parse('2026-05-12T12:20:10Z');
  const early = { loadStartedMs, run: { ...summary.run, plannedDurationMs: 35_000 } };

  it('does not pass where the load was stopped before its planned end', () => {
    const outcome = { kind: 'stopped' } as const;
    const stopped = {
      ...summary,
      ...early,
      slo: pass,
      run: { ...early.run, outcome, stopAskedAt: '2026-05-12T12:20:22Z' },
    };
    expect(headlineOf({ ...run, phase: 'finished', outcome }, stopped)).toMatchObject({
      tone: 'warn',
      title: 'Stopped at 0:12 of 0:35',
      sentence: expect.stringMatching(
        /^The rule was kept until then\. The load was stopped by hand/,
      ),
    });
    const { tone, title } = headlineOf(
      { ...run, phase: 'finished', outcome },
      { ...stopped, slo: summary.slo },
    );
    expect([tone, title]).toEqual(['fail', 'Stopped at 0:12 of 0:35']);
  });

  it.each([
    ['2026-05-12T12:20:24Z', 'warn', 'Cut at 0:14 of 0:35'],
    // Of a load whose planned end is a cut, the first user came after half a second.
    ['2026-05-12T12:20:44.600Z', 'pass', 'Passed'],
  ])(
    'does not pass where the load was cut before its planned end: at %s',
    (endedAt, tone, title) => {
      const outcome = { kind: 'cut' } as const;
      const startedAt = '2026-05-12T12:20:09.500Z';
      const engine = summary.engine && { engine: { ...summary.engine, startedAt, endedAt } };
      const cut = { ...summary, ...early, ...engine, slo: pass, run: { ...early.run, outcome } };
      expect(headlineOf({ ...run, phase: 'finished', outcome }, cut)).toMatchObject({
        tone,
        title,
      });
    },
  );

  it('says that users were ended who waited in vain, and not that the load was cut at its time', () => {
    const outcome = { kind: 'cut' } as const;
    const message = '20 users still waited for answers, and were ended';
    const warnings = [{ code: 'ENGINE_DRAINED', message, hint: '' }] as const;
    expect(headlineOf({ ...run, phase: 'finished', outcome, warnings }, summary).sentence).toMatch(
      / 20 users still waited for answers, and were ended\.$/,
    );
  });

  it('speaks of no errors where nothing was asked for that could fail', () => {
    const totals = { ...summary.totals, requests: 0, otherErrors: 0, errorShare: 0 };
    const none = { verdict: 'none', rules: [] } as const;
    expect(headlineOf(run, { ...summary, totals, slo: none }).sentence).toBe(
      'No rules were set, so there is no verdict.',
    );
  });

  it('says how the run ended where that is not as planned', () => {
    const { sentence } = headlineOf(
      { ...run, phase: 'finished', outcome: { kind: 'stopped' } },
      summary,
    );
    expect(sentence).toContain('stopped by hand');
    const ended = interrupted();
    expect(headlineOf(ended.run, ended.summary)).toMatchObject({
      tone: 'warn',
      title: 'Interrupted',
      sentence: 'Everything measured until then is shown.',
      problems: [{ message: 'EC2 took the spot instance back at 12:22:10' }],
    });
  });

  it('says of rules that were kept until an interruption that it was until then', () => {
    const ended = interrupted();
    expect(headlineOf(ended.run, { ...ended.summary, slo: pass })).toMatchObject({
      tone: 'warn',
      sentence: 'Everything measured until then is shown. The rule was kept until then.',
    });
  });

  it('says first that the load was interrupted, and when', () => {
    const ended = interrupted();
    const loadEndedMs = loadStartedMs + 12_000;
    const summary = { ...ended.summary, ...early, loadEndedMs, slo: pass };
    const { outcome = { kind: 'stopped' } } = ended.run;
    expect(headlineOf(ended.run, { ...summary, run: { ...summary.run, outcome } })).toMatchObject({
      tone: 'warn',
      title: 'Interrupted at 0:12 of 0:35',
    });
  });

  it('says that nothing was measured where a run was stopped before its load', () => {
    expect(
      headlineOf({ ...run, phase: 'finished', outcome: { kind: 'stopped' } }, undefined),
    ).toMatchObject({
      tone: 'warn',
      title: 'Stopped',
      sentence: expect.stringMatching(/^Nothing was measured, so there is no verdict\./),
    });
  });

  it('has no verdict where no rules were set', () => {
    const { tone, title } = headlineOf(run, { ...summary, slo: { verdict: 'none', rules: [] } });
    expect([tone, title]).toEqual(['calm', 'Complete']);
  });

  it('is what goes on before, and what is wrong after a failure', () => {
    expect(headlineOf(waiting().run, undefined).title).toBe('Getting ready');
    expect(headlineOf(failed().run, undefined)).toMatchObject({
      title: 'Did not complete',
      sentence: '2\u00a0problems found while preparing.',
    });
  });
});
