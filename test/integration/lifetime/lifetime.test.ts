/**
 * The end of a machine, with the real agent and engine: after the run, at the end of its lifetime,
 * or by EC2.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startBucket } from '../../../src/rehearsal/bucket/bucket.ts';
import {
  expectWholeBucket,
  finalSummary,
  isOver,
  killAgent,
  until,
} from '../../support/rehearsal.ts';
import { besideTarget } from '../../support/warnings.ts';
import { bootMachine, type Machine } from './setup.ts';

const agoBy = (ms: number): string => new Date(Date.now() - ms).toISOString();

describe.concurrent('after the run', () => {
  it('the machine powers off once, and not before the manifest is in the bucket', async () => {
    const settings = 'after: { action: terminate, delay: 1s }\n';
    await using machine = await bootMachine({ seconds: 2, settings });
    const run = await until(machine, isOver);
    expect(run.outcome).toEqual({ kind: 'complete' });
    const asked = await powerOff(machine);
    expect(asked).toEqual([expect.stringMatching(/ start --no-block onager-poweroff\.service$/)]);

    const manifest = await expectWholeBucket(machine, run);
    const askedAtMs = Number.parseInt(asked[0] ?? '', 10);
    expect(askedAtMs).toBeGreaterThan(Date.parse(manifest.createdAt));
    const { lifetime } = await until(machine, () => true);
    const announced = lifetime?.powerOff;
    expect(announced).toMatchObject({ reason: 'after-run', action: 'terminate', pretended: false });
  });

  it('the machine stays up while the bucket cannot be reached', async () => {
    const settings = 'after: { action: stop, delay: 0 }\n';
    await using machine = await bootMachine({ seconds: 4, settings });
    const { bucket, secrets } = machine.simulation;
    await until(machine, ({ phase }) => phase === 'running');
    await bucket.close();
    await until(
      machine,
      ({ phase, publish }) => phase === 'publishing' && publish?.problem !== undefined,
    );
    // The clock is checked a few times after the end of the load.
    await sleep(2_500);
    expect((await until(machine, () => true)).lifetime?.powerOff.reason).toBe('lifetime');
    expect(await machine.asked()).toEqual([]);

    const storeDir = join(machine.out, '.bucket');
    const again = { bucket: 'rehearsal', storeDir, port: bucket.port, ...secrets };
    const back = await startBucket(again);
    await using _back = { [Symbol.asyncDispose]: () => back.close() };
    expect(await powerOff(machine)).toHaveLength(1);
  });

  it('a viewer can postpone the power-off, and a restart remembers it', async () => {
    const settings = 'after: { action: stop, delay: 5m }\n';
    await using machine = await bootMachine({ seconds: 2, settings });
    const before = await until(
      machine,
      ({ lifetime }) => lifetime?.powerOff.reason === 'after-run',
    );
    expect(await extend(machine)).toBe(200);
    expect(await extend(machine)).toBe(200);
    await killAgent(machine);
    const after = await until(machine, ({ lifetime }) => lifetime?.powerOff.reason === 'after-run');
    const hour = 3_600_000;
    expect(Date.parse(after.lifetime?.powerOff.at ?? '')).toBe(
      Date.parse(before.lifetime?.powerOff.at ?? '') + hour,
    );
    expect(Date.parse(after.lifetime?.endsAt ?? '')).toBe(
      Date.parse(before.lifetime?.endsAt ?? '') + hour,
    );
  });
});

describe.concurrent('the lifetime', () => {
  it('ends a load in time for its report, then the machine', async () => {
    // Half of its minute is left, and the last six seconds are reserved for the report.
    const identity = { launchedAt: agoBy(30_000) };
    await using machine = await bootMachine({ seconds: 60, settings: 'lifetime: 1m\n', identity });
    const run = await until(machine, isOver);
    expect(run.outcome).toMatchObject({
      kind: 'interrupted',
      problem: { code: 'LIFETIME_OVER' },
    });
    expect(machine.simulation.target.served()).toBeGreaterThan(0);
    expect(await powerOff(machine)).toHaveLength(1);
    expect(Number.parseInt((await machine.asked())[0] ?? '', 10)).toBeGreaterThanOrEqual(
      Date.parse(run.lifetime?.endsAt ?? ''),
    );
  });
});

describe.concurrent('a spot notice in mid-run', () => {
  it('ends the load, marks the run and gets everything into the bucket', async () => {
    await using machine = await bootMachine({ seconds: 90, identity: { lifeCycle: 'spot' } });
    const { metadata, target } = machine.simulation;
    metadata.set({ rebalanceNotice: { noticeTime: '2026-11-22T22:00:00Z' } });
    await until(machine, ({ phase }) => phase === 'running' && target.served() > 10);
    const time = new Date(Date.now() + 120_000).toISOString();
    metadata.set({ spotAction: { action: 'terminate', time } });
    const run = await until(machine, isOver);

    expect(run.outcome).toMatchObject({
      kind: 'interrupted',
      problem: { code: 'SPOT_INTERRUPTION', message: expect.stringContaining(time) },
    });
    const warnings = besideTarget(run).map(({ code }) => code);
    // On a busy machine the engine's own report may not be finished in the time left for it.
    expect(warnings.filter((code) => code !== 'TSUNG_REPORT')).toEqual(['SPOT_REBALANCE']);
    expect((await finalSummary(machine)).totals.requests).toBeGreaterThan(5);
    await expectWholeBucket(machine, run);
    const text = await machine.consoleText();
    const page = `http://127.0.0.1:${await machine.simulation.port()}/`;
    expect(text).toMatch(new RegExp(`^onager: \\d\\d:\\d\\d:\\d\\dZ page ${page} key: this`, 'm'));
    expect(text).toMatch(/ running: tsung /);
    expect(text).toMatch(/ interrupted: SPOT_INTERRUPTION: EC2 terminates this spot instance at /);
    expect(text).toMatch(/ interrupted after \d+ of 90 s: \d+ requests, /);
    expect(text).toMatch(/ published to s3:/);
    expect(text).not.toContain(machine.simulation.secrets.secretAccessKey);
  });

  it('that comes before the load prevents it', async () => {
    await using machine = await bootMachine({ seconds: 60, identity: { lifeCycle: 'spot' } });
    const { metadata, target } = machine.simulation;
    metadata.set({ spotAction: { action: 'stop', time: '2026-11-22T22:00:00Z' } });
    const run = await until(machine, isOver);
    expect(run.phase).toBe('finished');
    expect(run.outcome).toMatchObject({ problem: { code: 'SPOT_INTERRUPTION' } });
    await killAgent(machine);
    await until(machine, isOver);
    expect(target.served()).toBe(0);
  });

  it('is not looked for on an on-demand instance', async () => {
    await using machine = await bootMachine({ seconds: 8 });
    const { metadata } = machine.simulation;
    metadata.set({ spotAction: { action: 'terminate', time: '2026-11-22T22:00:00Z' } });
    const run = await until(machine, isOver);
    expect(run.outcome).toEqual({ kind: 'complete' });
  });
});

describe.concurrent('an engine that something else stops', () => {
  it('does not look as if the load had been stopped from the page', async () => {
    await using machine = await bootMachine({ seconds: 60 });
    const { target, instanceDir } = machine.simulation;
    const { runId } = await until(
      machine,
      ({ phase }) => phase === 'running' && target.served() > 5,
    );
    const { pid } = await import(`${instanceDir}/runs/${runId}/engine/fired.json`, {
      with: { type: 'json' },
    }).then(({ default: fired }) => fired);
    process.kill(pid, 'SIGTERM');
    const run = await until(machine, isOver);
    expect(run.outcome).toMatchObject({
      kind: 'interrupted',
      problem: { code: 'ENGINE_INTERRUPTED', message: expect.stringContaining('from outside') },
    });
  });
});

async function powerOff(machine: Machine): Promise<readonly string[]> {
  const deadline = AbortSignal.timeout(60_000);
  while ((await machine.asked()).length === 0) await sleep(50, undefined, { signal: deadline });
  return await machine.asked();
}

async function extend({ simulation: { identity, port } }: Machine): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${await port()}/api/extend`, {
    method: 'POST',
    headers: { authorization: `Bearer ${identity.instanceId}` },
  });
  return response.status;
}
