/** What goes to the serial console, and what does not. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConsole } from '../../../src/console/serial.ts';
import type { Summary } from '../../../src/report/summary.ts';
import type { RunFacts, Stage } from '../../../src/run/state.ts';
import { createRunStore } from '../../../src/run/store.ts';
import type { PageAccess } from '../../../src/web/auth.ts';
import { clusterOf } from '../../support/cluster-run.ts';
import { sloResult } from '../../support/slo.ts';
import { at, bootMs, firstState } from '../lifetime/setup.ts';
import { summary } from '../web/setup.ts';

const instance = {
  instanceId: 'i-0123456789abcdef0',
  launchedAt: at(0),
  imageId: '',
  instanceType: '',
  architecture: '',
  region: 'eu-west-1',
  availabilityZone: '',
  launchIndex: 0,
  privateIp: '10.0.0.5',
};

beforeEach(() => {
  vi.useFakeTimers({ now: bootMs });
});
afterEach(() => {
  vi.useRealTimers();
});

function listen(
  facts: Partial<RunFacts> = {},
  { results, stage = { phase: 'waiting' } }: { results?: Summary; stage?: Stage } = {},
) {
  const world = {
    lines: [] as string[],
    access: { kind: 'key', key: instance.instanceId } as PageAccess,
  };
  const store = createRunStore({
    initial: { ...firstState, ...facts, ...stage },
    onWriteError: () => {},
  });
  const end = createConsole({
    state: store,
    results: { summary: () => results },
    access: () => world.access,
    port: 80,
    now: () => new Date(),
    write: (text) => world.lines.push(text),
  });
  return { world, store, end, text: () => world.lines.join('') };
}

describe('the console', () => {
  it('says where the page is, and with which key, but never the key', async () => {
    const { store, text, world } = listen();
    await store.note({ instance: { ...instance, publicIp: '203.0.113.7' } });
    expect(text()).toBe("onager: 12:00:00Z page http://203.0.113.7/ key: this instance's id\n");
    world.access = { kind: 'key', key: 'a very secret key' };
    await store.note({ settings: [{ key: 'report.access', value: '…', source: 'user-data' }] });
    expect(text()).toContain('page http://203.0.113.7/ key: report.access of user-data\n');
    world.access = { kind: 'public' };
    await store.note({});
    expect(text()).toContain('open to everyone');
    expect(text()).not.toContain('very secret');
  });

  it('has the private address where there is no public one', async () => {
    const { store, text } = listen();
    await store.note({ instance });
    expect(text()).toContain('page http://10.0.0.5/ ');
  });

  it('has a line a phase with the time it began, and none twice', async () => {
    const phases = [
      { phase: 'waiting', startedAt: at(0), endedAt: at(1_000) },
      { phase: 'fetching', startedAt: at(1_000) },
    ] as const;
    const { store, text } = listen({ phases });
    await store.note({ settings: [] });
    await store.note({ settings: [] });
    expect(text()).toBe('onager: 12:00:00Z waiting\nonager: 12:00:01Z fetching\n');
  });

  it('says what is awaited for more than ten seconds, and again every minute', async () => {
    const awaiting = { what: 'the metadata service', since: at(0), lastAnswer: 'refused' };
    const { text } = listen({ awaiting });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(text()).toBe('');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(text()).toBe('onager: 12:00:10Z waiting for the metadata service for 10 s: refused\n');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(text().split('\n')).toHaveLength(4);
  });

  it('is not worried about a load that runs', async () => {
    const awaiting = { what: 'its end', since: at(0) };
    const { store, text } = listen(
      { awaiting: { ...awaiting, until: at(1) } },
      { stage: { phase: 'running' } },
    );
    await vi.advanceTimersByTimeAsync(600_000);
    expect(text()).toBe('');
    // Asked for, or overdue: nobody knows how long it takes.
    await store.note({ awaiting });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(text()).toContain('waiting for its end');
  });

  it('tells the end: outcome, numbers, objectives, report, bucket, power-off', async () => {
    const rules = [
      sloResult('p95 < 20ms', false, { measured: 30 }),
      sloResult('errors < 5%', true, { measured: 0.01 }),
    ];
    const results: Summary = { ...summary, slo: { verdict: 'fail', rules } };
    const { store, text } = listen({ instance }, { results, stage: { phase: 'running' } });
    expect(text()).not.toContain('4,000');
    await store.note({
      publish: { to: 's3://bucket/runs/x', objects: 3, bytes: 3, pending: 0, whole: true },
      lifetime: {
        endsAt: at(3_600_000),
        powerOff: {
          at: at(900_000),
          reason: 'after-run',
          action: 'stop',
          pretended: false,
          extendable: true,
        },
      },
    });
    await store.enter({ phase: 'finished', outcome: { kind: 'complete' } });
    for (const line of [
      'complete: 4,000 requests, 100.0/s, p50 10 ms, p95 30 ms, p99 400 ms, 1.00 % failed',
      'SLO fail: 1 of 2 rules met',
      'SLO missed: p95 < 20ms (30 ms)',
      'report http://10.0.0.5/report.html',
      'published to s3://bucket/runs/x',
      'the machine powers off at 2026-11-22T12:15:00Z (after the run: stop)',
    ])
      expect(text()).toContain(`Z ${line}\n`);
  });

  it('does not judge a part of a load by the objectives of the whole', async () => {
    const rules = [sloResult('throughput > 100/s', false, { measured: 25 })];
    const results: Summary = { ...summary, slo: { verdict: 'fail', rules } };
    const cluster = clusterOf(4, { self: 1 });
    const { store, text } = listen({ instance, cluster }, { results, stage: { phase: 'running' } });
    await store.enter({ phase: 'finished', outcome: { kind: 'complete' } });
    expect(text()).toContain('1.00 % failed (of this member alone)\n');
    expect(text()).not.toContain('SLO');
  });

  it('tells of a load that was stopped how much of it there was', async () => {
    const loadStartedMs = Date.parse(at(0));
    const run = {
      ...summary.run,
      outcome: { kind: 'stopped' },
      plannedDurationMs: 35_000,
      stopAskedAt: at(12_000),
    } as const;
    const slo = {
      verdict: 'pass',
      rules: [sloResult('p95 < 1s', true, { measured: 30 })],
    } as const;
    const { store, text } = listen(
      {},
      { results: { ...summary, loadStartedMs, run, slo }, stage: { phase: 'running' } },
    );
    await store.enter({ phase: 'finished', outcome: { kind: 'stopped' } });
    expect(text()).toContain('Z stopped after 12 of 35 s: 4,000 requests');
    expect(text()).toContain('Z SLO pass: 1 of 1 rule met until then\n');
  });

  it('tells a failure with its code, sentence and hint, without control characters', () => {
    const problem = {
      code: 'ZIP_NAME',
      message: 'unsafe \u001b[2J\nonager: all is well',
      hint: 'rename it',
      where: 'a/b',
    } as const;
    const { text } = listen({ problems: [problem] }, { stage: { phase: 'failed' } });
    expect(text()).toContain(
      'failed: ZIP_NAME: a/b: unsafe \\x1b[2J\\x0aonager: all is well (rename it)\n',
    );
    expect(text()).toContain('failed: nothing was measured\n');
    expect(
      text()
        .split('\n')
        .every((line) => line === '' || line.startsWith('onager: ')),
    ).toBe(true);
    expect(text()).not.toContain('\u001b');
  });

  it('cuts what is too long for a line, and is silent once it has ended', async () => {
    const { end, store, text } = listen({
      problems: [{ code: 'INTERNAL', message: 'x'.repeat(5_000), hint: 'y' }],
    });
    expect(text().length).toBeLessThan(600);
    end();
    const before = text();
    await store.enter({ phase: 'failed' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(text()).toBe(before);
  });
});
