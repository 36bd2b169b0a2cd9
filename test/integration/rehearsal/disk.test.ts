/**
 * A run whose report cannot be written or read: its results are in the engine's files and are still
 * served.
 */
import { mkdir, readFile, rmdir, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { RunState } from '../../../src/run/state.ts';
import {
  beginRehearsal,
  expectWholeBucket,
  finalSummary,
  isOver,
  killAgent,
  type Rehearsed,
  until,
} from '../../support/rehearsal.ts';
import { besideTarget } from '../../support/warnings.ts';

function summaryJson({ simulation }: Rehearsed, { runId }: RunState): string {
  return join(simulation.instanceDir, 'runs', runId, 'report/summary.json');
}

describe('a run whose report cannot be written', () => {
  it('ends as it should, serves its results, says so, and writes the report when it can', async () => {
    await using rehearsed = await beginRehearsal({ seconds: 4 });
    const { agent, target } = rehearsed.simulation;
    const running = await until(rehearsed, ({ phase }) => phase === 'running');
    const pid = agent.pid();
    const path = summaryJson(rehearsed, running);
    // A folder instead of the file stops root too, as a full disk does.
    await vi.waitFor(() => unlink(path), 10_000);
    await mkdir(path);
    const run = await until(rehearsed, isOver);

    expect(run).toMatchObject({ phase: 'finished', outcome: { kind: 'complete' } });
    expect(besideTarget(run).map(({ code }) => code)).toEqual(['REPORT_NOT_WRITTEN']);
    const summary = await finalSummary(rehearsed);
    expect(summary.totals.requests).toBe(target.served());
    expect(agent.pid()).toBe(pid);
    await expectWholeBucket(rehearsed, run);

    await killAgent(rehearsed);
    await until(rehearsed, isOver);
    expect((await measuredAgain(rehearsed)).totals).toEqual(summary.totals);

    await rmdir(path);
    await killAgent(rehearsed);
    await until(rehearsed, (now) => besideTarget(now).length === 0);
    await vi.waitFor(async () => {
      const written = JSON.parse(await readFile(path, 'utf8'));
      expect(written).toMatchObject({ final: true, totals: summary.totals });
      expect(besideTarget(written.run)).toEqual([]);
    }, 10_000);
  });
});

describe('a run that is over', () => {
  it('is measured again where its summary is damaged', async () => {
    await using rehearsed = await beginRehearsal({ seconds: 2 });
    const run = await until(rehearsed, isOver);
    const { totals } = await finalSummary(rehearsed);
    const path = summaryJson(rehearsed, run);
    await truncate(path, 100);
    await killAgent(rehearsed);
    await until(rehearsed, isOver);

    expect(await measuredAgain(rehearsed)).toMatchObject({ final: true, totals });
    await vi.waitFor(async () => {
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ final: true, totals });
    }, 10_000);
  });
});

/** The agent is up before it has measured anything. */
function measuredAgain(rehearsed: Rehearsed): ReturnType<typeof finalSummary> {
  return vi.waitFor(() => finalSummary(rehearsed), 10_000);
}
