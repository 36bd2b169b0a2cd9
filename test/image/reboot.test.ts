/** A reboot in mid-run, requested on the machine itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ec2, startEc2 } from './ec2.ts';
import { boot, type Machine } from './machine.ts';
import { tsungXml, zipOf } from './scenarios.ts';
import { get, isOver, summaryOf, until } from './watch.ts';

const stack = new AsyncDisposableStack();
let ec2: Ec2;
let machine: Machine;

beforeAll(async () => {
  ec2 = stack.use(await startEc2());
  const xml = tsungXml({ port: ec2.target.port, seconds: 1_800 });
  await ec2.launch({ userData: await zipOf({ 'tsung.xml': xml }) });
  machine = stack.use(await boot());
});
afterAll(() => stack.disposeAsync());

describe('a reboot in mid-run', () => {
  it('ends the load, loses nothing of it, marks it interrupted, and never fires again', async () => {
    await until({ ec2, machine }, () => ec2.target.hits.length > 40);
    void machine.shell('systemctl reboot');
    await machine.says(/Linux version[\s\S]*Linux version/);
    const hits = ec2.target.hits.length;
    const run = await until({ ec2, machine }, isOver);
    expect(run.outcome).toMatchObject({ kind: 'interrupted' });
    // What was still in flight when the engine was told to end may be missing, and nothing else.
    const { totals } = await summaryOf({ ec2, machine });
    expect(totals.requests).toBeLessThanOrEqual(hits);
    expect(totals.requests).toBeGreaterThan(hits - 10);
    const report = await get(machine.port, '/report.html', ec2.identity.instanceId);
    expect(report).toMatchObject({ status: 200, body: expect.stringContaining('interrupted') });
    await machine.says(/Cloud-init v\. \S+ finished[\s\S]*Cloud-init v\. \S+ finished/);
    expect(ec2.target.hits.length).toBe(hits);
  });
});
