/**
 * A whole run with the real agent and the real engine; only EC2, S3 and the target are simulated.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  beginRehearsal,
  engineProcess,
  expectWholeBucket,
  finalSummary,
  isOver,
  killAgent,
  until,
} from '../../support/rehearsal.ts';

describe('a rehearsal', () => {
  it('counts what the target counted, judges the objectives and publishes everything', async () => {
    const settings = 'slo: ["p95 < 2s", "transaction(login).p99 < 1ms"]\n';
    await using rehearsed = await beginRehearsal({ seconds: 5, settings });
    const run = await until(rehearsed, isOver);
    const summary = await finalSummary(rehearsed);

    expect(run.outcome).toEqual({ kind: 'complete' });
    expect(summary.totals.requests).toBeGreaterThan(10);
    expect(summary.totals.requests).toBe(rehearsed.simulation.target.served());
    expect(summary.names.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining(['request GET /search', 'request POST /login', 'transaction login']),
    );
    expect(summary.slo.verdict).toBe('fail');
    expect(summary.slo.rules.map(({ ok }) => ok)).toEqual([true, false]);

    const manifest = await expectWholeBucket(rehearsed, run);
    const keys = manifest.objects.map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining(['run.json', 'summary.json', 'report.html', 'junit.xml']),
    );
    expect(keys.some((key) => key.startsWith('report/native/'))).toBe(true);
    expect(keys.join()).not.toMatch(/user-data|resolved/);
    const published = JSON.parse(
      await readFile(join(rehearsed.out, 'bucket/runs', run.runId, 'run.json'), 'utf8'),
    );
    expect(published.phase).toBe('finished');
  });

  it('is untouched by an agent that is killed again and again', async () => {
    await using rehearsed = await beginRehearsal({ seconds: 8 });
    const running = await until(rehearsed, ({ phase }) => phase === 'running');
    const engine = await engineProcess(rehearsed, running);
    for (let kill = 0; kill < 4; kill += 1) {
      await killAgent(rehearsed);
      await until(rehearsed, () => true);
    }
    const run = await until(rehearsed, isOver);

    expect(await engineProcess(rehearsed, run)).toEqual(engine);
    expect(run.outcome).toEqual({ kind: 'complete' });
    const summary = await finalSummary(rehearsed);
    expect(summary.totals.requests).toBe(rehearsed.simulation.target.served());
    await expectWholeBucket(rehearsed, run);
  });

  it('never fires again once it is over, and serves the same report', async () => {
    await using rehearsed = await beginRehearsal({ seconds: 2 });
    await until(rehearsed, isOver);
    const served = rehearsed.simulation.target.served();
    const before = await finalSummary(rehearsed);
    await killAgent(rehearsed);
    const run = await until(rehearsed, () => true);

    expect(run.phase).toBe('finished');
    expect(await finalSummary(rehearsed)).toMatchObject({ totals: before.totals });
    expect(rehearsed.simulation.target.served()).toBe(served);
  });

  it('keeps all statistics of a load that is stopped', async () => {
    await using rehearsed = await beginRehearsal({ seconds: 60 });
    const { api, target } = rehearsed.simulation;
    await until(rehearsed, ({ phase }) => phase === 'running' && target.served() > 20);
    await api.stop();
    const run = await until(rehearsed, isOver);
    const summary = await finalSummary(rehearsed);

    expect(run.outcome).toEqual({ kind: 'stopped' });
    const inFlight = target.served() - summary.totals.requests;
    expect(inFlight).toBeGreaterThanOrEqual(0);
    expect(inFlight).toBeLessThanOrEqual(10);
    expect(summary.totals.requests).toBeGreaterThan(15);
    await expectWholeBucket(rehearsed, run);

    const { identity, port } = rehearsed.simulation;
    const late = await fetch(`http://127.0.0.1:${await port()}/api/stop`, {
      method: 'POST',
      headers: { authorization: `Bearer ${identity.instanceId}` },
    });
    expect(await late.json()).toMatchObject({ status: 409, detail: 'The load has ended already.' });
  });

  it('reports what is wrong with a scenario before any load, and publishes that', async () => {
    await using rehearsed = await beginRehearsal({
      seconds: 2,
      settings: 'vars: { TARGET: x }\nslo: [p95 < fast]\n',
    });
    const run = await until(rehearsed, isOver);

    expect(run.phase).toBe('failed');
    expect(run.problems.map(({ code, where }) => ({ code, where }))).toEqual([
      { code: 'SLO_VALUE', where: expect.stringContaining('onager.yaml:2') },
    ]);
    expect(rehearsed.simulation.target.served()).toBe(0);
    await expectWholeBucket(rehearsed, run);
  });
});
