/** What Onager asks of systemd, and what it says when systemd does not answer. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createPowerOff, createTimerRestart } from '../../../src/lifetime/power-off.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let path = '';
beforeEach(async () => {
  path = await temporaryFolder('systemctl');
});

async function systemctl(script: string): Promise<void> {
  const file = join(path, 'systemctl');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

describe('systemd', () => {
  it('is asked to start the one unit, and to restart the timer', async () => {
    await systemctl(`shift 2; echo "$*" >> ${join(path, 'asked')}`);
    await createPowerOff({ unit: 'off.service', path })();
    await createTimerRestart({ unit: 'life.timer', path })();
    const asked = await readFile(join(path, 'asked'), 'utf8');
    expect(asked).toBe('start --no-block off.service\nrestart life.timer\n');
  });

  it('that refuses is quoted', async () => {
    await systemctl('echo "Interactive authentication required." >&2; exit 1');
    await expect(createPowerOff({ unit: 'off.service', path })()).rejects.toMatchObject({
      code: 'POWER_OFF_FAILED',
      message: expect.stringContaining('Interactive authentication required.'),
    });
  });

  it('that is missing is reported too', async () => {
    await expect(createPowerOff({ unit: 'off.service', path })()).rejects.toMatchObject({
      code: 'POWER_OFF_FAILED',
      message: expect.stringContaining('ENOENT'),
    });
  });
});
