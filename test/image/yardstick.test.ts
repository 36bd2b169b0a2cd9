/**
 * The same image with a shell script instead of the agent: the least time from user-data to load.
 */
import { expect, it } from 'vitest';
import { startEc2 } from './ec2.ts';
import { firstRequest, inSeconds } from './figures.ts';
import { boot } from './machine.ts';
import { tsungXml, zipOf } from './scenarios.ts';

it('boots with a shell script as the unit, for comparison', async ({ task }) => {
  await using ec2 = await startEc2();
  // Unchanged, Tsung would connect to its own host by ssh.
  const xml = tsungXml({ port: ec2.target.port, seconds: 60 }).replace(
    'host="localhost"',
    'host="localhost" use_controller_vm="true"',
  );
  await ec2.launch({ userData: await zipOf({ 'tsung.xml': xml }) });
  const masked = ['onager.service', 'onager.socket', 'onager-wall.service'];
  const kernelOptions = ['onager.yardstick', ...masked.map((unit) => `systemd.mask=${unit}`)];
  await using machine = await boot({ kernelOptions });
  const exec = async (): Promise<string> =>
    (await machine.shell('cat /var/lib/onager-yardstick/exec')).output.trim();
  await expect.poll(exec, { timeout: 400_000, interval: 2_000 }).toMatch(/^\d/);
  await expect.poll(() => ec2.target.hits.length, { timeout: 200_000 }).toBeGreaterThan(0);
  const started = await machine.shell(
    'systemctl show --property ExecMainStartTimestampMonotonic --value onager-yardstick.service',
  );
  task.meta.figures = {
    'script started': inSeconds(Number(started.output) / 1e6),
    "script's engine exec": inSeconds(Number(await exec())),
    "script's first request at the target": await firstRequest({ ec2, machine }),
  };
});
