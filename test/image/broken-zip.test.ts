/**
 * Broken user-data: the page and the console say so, and the machine does not cost money for ever.
 */
import { describe, expect, it } from 'vitest';
import { startEc2 } from './ec2.ts';
import { boot } from './machine.ts';
import { zipOf } from './scenarios.ts';
import { get, until } from './watch.ts';

const lifetimeMs = 12 * 3_600_000;

describe('a broken zip', () => {
  it('is reported on page and console, and the machine powers off at the end of its lifetime', async () => {
    // Launched almost a lifetime ago, like an instance that was rebooted late in its lifetime.
    const launchedAt = new Date(Date.now() - lifetimeMs + 300_000);
    await using ec2 = await startEc2({
      identity: { launchedAt: `${launchedAt.toISOString().slice(0, 19)}Z` },
    });
    const zip = await zipOf({ 'tsung.xml': '<tsung/>'.repeat(100) });
    await ec2.launch({ userData: zip.subarray(0, zip.length - 40) });
    await using machine = await boot();
    const run = await until({ ec2, machine }, ({ phase }) => phase === 'failed');
    const [problem] = run.problems;
    expect(problem?.code).toMatch(/^USER_DATA_ZIP_/);
    expect(run.outcome).toMatchObject({ kind: 'failed' });
    await machine.says(new RegExp(`onager: \\S+ failed: ${problem?.code}: `));
    const report = await get(machine.port, '/report.html', ec2.identity.instanceId);
    expect(report).toMatchObject({
      status: 200,
      body: expect.stringContaining(problem?.code ?? '-'),
    });
    await machine.off(600_000);
    expect(Date.now()).toBeGreaterThan(launchedAt.getTime() + lifetimeMs - 20_000);
  });
});
