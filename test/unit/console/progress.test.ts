/** What a user at a terminal sees while a rehearsal waits. */
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../src/console/progress.ts';
import type { Summary } from '../../../src/report/summary.ts';
import type { RunFacts, Stage } from '../../../src/run/state.ts';
import { at, bootMs, firstState } from '../lifetime/setup.ts';
import { state as runState, summaryOf } from '../report/fixture.ts';

function tell(
  states: readonly Partial<RunFacts>[],
  nowMs = bootMs,
  stage: Stage = { phase: 'waiting' },
): readonly string[] {
  const said: string[] = [];
  const terminal = { isTTY: false, columns: 80, write: (text: string) => said.push(text) };
  const narrator = createProgress(terminal, () => nowMs);
  for (const state of states) narrator.hear({ ...firstState, ...state, ...stage }, undefined);
  return said;
}

const what = 'an address of the target shop.test';
const asked = { what, since: at(0), until: at(300_000), lastAnswer: 'no such name' };

describe('a wait', () => {
  it('is shown once, with the last answer and its end, and again when the answer changes', () => {
    const other = { ...asked, lastAnswer: 'the resolver\u001b[2J does not answer' };
    const states = [asked, asked, other].map((awaiting) => ({ awaiting }));
    const said = tell(states);
    expect(said).toEqual([
      `           waiting for ${what}: no such name; it gives up at 12:05:00Z\n`,
      expect.stringContaining('does not answer; '),
    ]);
    expect(said.join('')).not.toContain('\u001b');
  });

  it('without an answer is shown once it takes long', () => {
    const awaiting = { what: 'the start of the engine', since: at(0) };
    expect(tell([{ awaiting }])).toEqual([]);
    expect(tell([{ awaiting }], bootMs + 10_000)).toEqual([
      '           waiting for the start of the engine\n',
    ]);
  });

  it('for the end of a running load is not shown', () => {
    expect(tell([{ awaiting: asked }], bootMs, { phase: 'running' })).toEqual([]);
  });
});

describe('the bar of a load', () => {
  function bar(elapsedMs: number, totals: Partial<Summary['totals']> = {}): string {
    const said: string[] = [];
    const terminal = { isTTY: true, columns: 80, write: (text: string) => said.push(text) };
    const summary = summaryOf();
    createProgress(terminal, () => bootMs + elapsedMs).hear(
      {
        ...firstState,
        ...(runState.engine === undefined
          ? {}
          : { engine: { ...runState.engine, plannedDurationMs: 10_000 } }),
        phase: 'running',
        phases: [{ phase: 'running', startedAt: at(0) }],
      },
      { ...summary, totals: { ...summary.totals, ...totals } },
    );
    return said.at(-1) ?? '';
  }

  it('tells the time by the plan, also beyond it', () => {
    expect(bar(4_000)).toContain(' 4 s of 10 s  ');
    expect(bar(16_000)).toContain(' 16 s, planned 10 s  ');
  });

  it('has no figures before there is an answer or an error', () => {
    expect(bar(4_000)).toMatch(/ errors [\d.]+ %$/);
    expect(bar(4_000, { requests: 0, otherErrors: 2, errorShare: 1 })).toMatch(/ errors 100\.0 %$/);
    expect(bar(1_000, { requests: 0, otherErrors: 0, errorShare: 0 })).toMatch(/ 1 s of 10 s$/);
  });
});
