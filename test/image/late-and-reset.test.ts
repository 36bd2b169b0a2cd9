/**
 * A metadata service that is a minute late, then a power failure in mid-run. One machine, in this
 * order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ec2, startEc2 } from './ec2.ts';
import { boot, type Machine } from './machine.ts';
import { tsungXml, zipOf } from './scenarios.ts';
import { get, isOver, summaryOf, until } from './watch.ts';

const lateMs = 60_000;
const stack = new AsyncDisposableStack();
let ec2: Ec2;
let machine: Machine;
/**
 * cloud-init delays the network, and so the agent, until it gets an answer. After that the agent
 * has to wait for just as long again.
 */
let isForCloudInitAlone = true;

beforeAll(async () => {
  ec2 = stack.use(
    await startEc2({
      intercept(request) {
        const isCloudInit = /cloud-init/i.test(request.headers['user-agent'] ?? '');
        if (!isForCloudInitAlone || isCloudInit) return false;
        request.socket.destroy();
        return true;
      },
    }),
  );
  const zip = await zipOf({ 'tsung.xml': tsungXml({ port: ec2.target.port, seconds: 1_800 }) });
  machine = stack.use(await boot());
  // At first there is no service at all.
  await sleep(lateMs);
  await ec2.launch({ userData: zip });
});
afterAll(() => stack.disposeAsync());

describe('a metadata service that is late by a minute', () => {
  it('delays the run, as page and console say, and then the scenario runs', async () => {
    await machine.says(/onager: \S+ waiting/);
    await sleep(lateMs);
    const page = await get(machine.port, '/');
    expect(page.body).toMatch(/metadata service/);
    expect(ec2.target.hits).toEqual([]);
    isForCloudInitAlone = false;
    const run = await until({ ec2, machine }, ({ phase }) => phase === 'running');
    const [waiting] = run.phases;
    const waitedMs = Date.parse(waiting?.endedAt ?? '') - Date.parse(waiting?.startedAt ?? '');
    expect(waitedMs).toBeGreaterThan(lateMs);
  });
});

describe('a power cut in mid-run', () => {
  it('leaves a run that is marked interrupted, reported, and never fired again', async () => {
    await until({ ec2, machine }, () => ec2.target.hits.length > 40);
    // At most, what the machine had not yet written to its disk is lost.
    await machine.shell('sync');
    const synced = ec2.target.hits.length;
    await machine.reset();
    const hits = ec2.target.hits.length;
    await machine.says(/Linux version[\s\S]*Linux version/);
    const run = await until({ ec2, machine }, isOver);
    expect(run.outcome).toMatchObject({ kind: 'interrupted' });
    const { totals } = await summaryOf({ ec2, machine });
    expect(totals.requests).toBeGreaterThan(synced / 2);
    expect(totals.requests).toBeLessThanOrEqual(hits);
    const report = await get(machine.port, '/report.html', ec2.identity.instanceId);
    expect(report).toMatchObject({ status: 200, body: expect.stringContaining('interrupted') });
    await machine.says(/Cloud-init v\. \S+ finished[\s\S]*Cloud-init v\. \S+ finished/);
    expect(ec2.target.hits.length).toBe(hits);
  });
});
