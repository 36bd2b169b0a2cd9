/**
 * Tells systemd that the agent is up and alive, with a systemd-notify that records what it is told.
 */

import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepNotifyingSystemd } from '../../../src/agent/systemd-notify.ts';
import { silentLog } from '../../../src/log.ts';
import { until } from '../../support/fake-engine-run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

let dir = '';
let ended = new AbortController();
beforeEach(async () => {
  dir = await temporaryFolder('notify');
  ended = new AbortController();
  await program(`echo "$NOTIFY_SOCKET $*" >> ${dir}/told`);
});
afterEach(async () => {
  ended.abort();
});

describe('systemd', () => {
  it('hears that the agent is up, then repeatedly that it is alive, until its end', async () => {
    void notify({ WATCHDOG_USEC: '200000', WATCHDOG_PID: '42' });
    await until('the first word', async () => (await told()).length > 0);
    expect((await told())[0]).toBe('/run/notify READY=1');
    await until('three signs of life', async () => (await told()).length > 3);
    expect(new Set((await told()).slice(1))).toEqual(new Set(['/run/notify WATCHDOG=1']));
  });

  it('hears only that if the watchdog is for another process', async () => {
    await notify({ WATCHDOG_USEC: '1000', WATCHDOG_PID: '43' });
    await notify({});
    expect(await told()).toEqual(['/run/notify READY=1', '/run/notify READY=1']);
  });

  it('is not spoken to where it did not start the agent', async () => {
    await notify({ NOTIFY_SOCKET: undefined, WATCHDOG_USEC: '1000' });
    expect(await told()).toEqual([]);
  });

  it('gets the message again until it has received it', async () => {
    await rm(join(dir, 'systemd-notify'));
    const over = notify({});
    await program(
      `if [ -e ${dir}/tried ]; then echo "$*" >> ${dir}/told; else : > ${dir}/tried; exit 1; fi`,
    );
    await over;
    expect(await told()).toEqual(['READY=1']);
  });

  it('hears nothing more once the agent ends', async () => {
    await program('exit 1');
    const over = notify({ WATCHDOG_USEC: '200000' });
    ended.abort();
    await expect(over).resolves.toBeUndefined();
  });
});

async function notify(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  await keepNotifyingSystemd({
    env: { NOTIFY_SOCKET: '/run/notify', PATH: dir, ...env },
    pid: 42,
    log: silentLog(),
    signal: ended.signal,
  });
}

async function told(): Promise<readonly string[]> {
  const text = await readFile(join(dir, 'told'), 'utf8').catch(() => '');
  return text.split('\n').filter(Boolean);
}

async function program(script: string): Promise<void> {
  await writeFile(join(dir, 'systemd-notify'), `#!/bin/sh\n${script}\n`);
  await chmod(join(dir, 'systemd-notify'), 0o755);
}
