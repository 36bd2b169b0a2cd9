/** summary.json: what it contains, and that its documentation says so. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { summarize } from '../../../src/report/summary.ts';
import { now, state, summaryOf } from './fixture.ts';

const document = readFileSync(new URL('../../../docs/summary.md', import.meta.url), 'utf8');

describe('a summary', () => {
  it('holds the run, the machine, and what was measured', () => {
    const summary = summaryOf();
    expect(summary).toMatchObject({
      schema: 'onager.summary/1',
      final: true,
      generatedAt: now.toISOString(),
      run: { id: state.runId, phase: 'finished', outcome: { kind: 'complete' }, plannedUsers: 4 },
      loadPhases: [{ name: '1', startMs: 0, durationMs: 5_000 }],
      totals: { requests: 8 },
    });
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('of a run that failed before its load has no figures and no verdict', () => {
    const { engine: _, outcome: __, instance: ___, scenario: ____, ...rest } = state;
    const early = { ...rest, phase: 'failed' } as const;
    const summary = summarize(early, undefined, { final: true, now });
    expect(summary).toMatchObject({
      loadPhases: [],
      totals: { requests: 0 },
      slo: { verdict: 'none' },
      generator: { verdict: 'unknown' },
    });
    expect(summary.engine).toBeUndefined();
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('made from an earlier summary’s measurements is about now', () => {
    const before = summarize(state, summaryOf(), { final: false, now: new Date(0) });
    const after = summarize({ ...state, runId: 'other' }, before, { final: true, now });
    expect(after).toMatchObject({
      final: true,
      generatedAt: now.toISOString(),
      run: { id: 'other' },
    });
  });

  it('has the fields that docs/summary.md names, and no others', () => {
    const table = document.split('\n## ')[0] ?? '';
    const documented = table
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) =>
        [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
      );
    const ofSeveral = { cluster: {}, members: [] };
    const real = Object.keys({ ...summaryOf(), ...ofSeveral, notes: [] });
    expect(real.toSorted()).toEqual(documented.toSorted());
  });

  it.each(['totals', 'names', 'series'] as const)(
    'has no %s that docs/summary.md does not name',
    (part) => {
      const section = document.split(`\n## ${part}\n`)[1]?.split('\n## ')[0] ?? '';
      const { [part]: fields } = summaryOf();
      const names = Object.keys(Array.isArray(fields) ? (fields[0] ?? {}) : fields);
      expect(names.length).toBeGreaterThan(5);
      for (const name of names) expect(section).toContain(`\`${name}\``);
    },
  );
});
