/**
 * A MIME message with parts for cloud-init and for Onager, then a spot notice in mid-run. One
 * machine, in this order.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectWholeRun } from './bucket.ts';
import { type Ec2, startEc2 } from './ec2.ts';
import { inSeconds } from './figures.ts';
import { boot, type Machine } from './machine.ts';
import { mimeOf, tsungXml, zipOf } from './scenarios.ts';
import { get, summaryOf, until } from './watch.ts';

/** After the notice an instance has 120 s left, of which Onager promises to need at most 100. */
const promisedMs = 100_000;

const stack = new AsyncDisposableStack();
let ec2: Ec2;
let machine: Machine;

beforeAll(async () => {
  ec2 = stack.use(await startEc2({ identity: { lifeCycle: 'spot' } }));
  const zip = await zipOf({ 'tsung.xml': tsungXml({ port: ec2.target.port, seconds: 1_800 }) });
  const userData = mimeOf([
    {
      type: 'text/cloud-config',
      name: 'config.yaml',
      body: '#cloud-config\nwrite_files:\n  - { path: /etc/written-by-cloud-init, content: "hello" }\n',
    },
    { type: 'application/zip', name: 'scenario.zip', body: zip },
    { type: 'text/x-onager', name: 'onager.yaml', body: `#onager\n${ec2.publish}` },
  ]);
  await ec2.launch({ userData, role: true });
  machine = stack.use(await boot());
});
afterAll(() => stack.disposeAsync());

describe('a MIME message', () => {
  it("is honoured by both: cloud-init writes its file, and the zip is fired by the settings' part", async () => {
    await until({ ec2, machine }, ({ phase }) => phase === 'running');
    const status = await machine.shell('cloud-init status --wait --long');
    expect(status).toMatchObject({ code: 0, output: expect.stringMatching(/^status: done$/m) });
    expect(await machine.shell('cat /etc/written-by-cloud-init')).toMatchObject({
      output: 'hello',
    });
    const warnings = await machine.shell('grep WARN /var/log/cloud-init.log | grep -v netplan');
    expect(warnings.output).toBe('');
  });
});

describe('a spot notice in mid-run', () => {
  it('ends the load in time, and all of it is in the bucket, marked interrupted', async ({
    task,
  }) => {
    await until({ ec2, machine }, () => ec2.target.hits.length > 20);
    const noticedAt = Date.now();
    const time = `${new Date(noticedAt + 120_000).toISOString().slice(0, 19)}Z`;
    ec2.change({ spotAction: { action: 'terminate', time } });
    const run = await until({ ec2, machine }, ({ publish }) => publish?.whole === true);
    const neededMs = Date.now() - noticedAt;
    task.meta.figures = { 'spot notice to manifest': `${inSeconds(neededMs / 1_000)} (emulated)` };
    expect(run.outcome).toMatchObject({ kind: 'interrupted' });
    expect(neededMs).toBeLessThan(promisedMs);

    const dir = await mkdtemp(join(tmpdir(), 'onager-bucket-'));
    stack.defer(() => rm(dir, { recursive: true, force: true }));
    await ec2.bucket.exportTo(dir);
    expect((await expectWholeRun(dir)).outcome).toMatchObject({ kind: 'interrupted' });
    const hits = ec2.target.hits.length;
    // Requests that were in flight when the load ended have hit the target, but got no answer.
    const { totals } = await summaryOf({ ec2, machine });
    expect(totals.requests).toBeGreaterThan(hits - 20);
    expect(totals.requests).toBeLessThanOrEqual(hits);
    const page = await get(machine.port, '/api/run', ec2.identity.instanceId);
    expect(page.body).toContain('spot');
    await machine.says(/onager: \S+ interrupted/);
  });
});
