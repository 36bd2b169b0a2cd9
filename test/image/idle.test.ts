/**
 * A machine without user-data: what it shows, and what the image consists of: files, owners, modes,
 * users, units, ports, scores.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ec2, startEc2 } from './ec2.ts';
import { boot, type Machine } from './machine.ts';
import { cacheDir } from './system.ts';
import { get, until } from './watch.ts';

const stack = new AsyncDisposableStack();
let ec2: Ec2;
let machine: Machine;

beforeAll(async () => {
  ec2 = stack.use(await startEc2());
  await ec2.launch({});
  machine = stack.use(await boot());
  await until({ ec2, machine }, ({ phase }) => phase === 'idle');
  await machine.shell('systemctl is-system-running --wait; cloud-init status --wait');
});
afterAll(() => stack.disposeAsync());

async function lines(command: string): Promise<readonly string[]> {
  const { output } = await machine.shell(command);
  return output.split('\n').filter((line) => line !== '');
}

describe('no user-data', () => {
  it('is reported with how to launch with some, and cloud-init logs no complaint', async () => {
    const page = await get(machine.port, '/', ec2.identity.instanceId);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<html') });
    await machine.says(
      /onager: \S+ idle: no scenario in the user-data; launch with --user-data fileb:/,
    );
    const status = await machine.shell('cloud-init status; systemctl is-system-running');
    expect(status.output).toMatch(/status: done\s+running/);
    const timer = await machine.shell('systemctl list-timers onager-lifetime.timer --no-legend');
    expect(timer.output).toContain('onager-poweroff.service');
  });
});

describe('the image', () => {
  it('has the files of its package, as they were packed, owned by root', async () => {
    expect(await lines('dpkg --verify onager | grep -v " /usr/share/\\(doc\\|man\\)/"')).toEqual(
      [],
    );
    expect(await lines('dpkg --status onager | grep Status')).toEqual([
      'Status: install ok installed',
    ]);
    expect(
      await lines('find /usr/lib/onager /usr/bin/onager ! -user root -o -perm /022 ! -type l'),
    ).toEqual([]);
    expect(
      await lines('find / -xdev \\( -user onager -o -user onager-engine \\) -type f -perm /6002'),
    ).toEqual([]);
  });

  it('has two users without a login, and the agent reads what the engine writes', async () => {
    const [agent, engine] = await lines('getent passwd onager onager-engine');
    expect(agent).toMatch(/^onager:x:\d+:\d+:.*:\/usr\/sbin\/nologin$/);
    expect(engine).toMatch(/^onager-engine:x:\d+:\d+:.*:\/usr\/sbin\/nologin$/);
    expect(await lines('id -nG onager; id -nG onager-engine')).toEqual([
      'onager onager-engine',
      'onager-engine',
    ]);
  });

  it('keeps the state from everybody but the agent', async () => {
    expect(
      await lines(
        'stat -c "%A %U:%G %n" /var/lib/onager /var/lib/onager/runs /var/lib/onager/runs/*',
      ),
    ).toEqual([
      'drwx--x--x onager:onager /var/lib/onager',
      'drwx--x--x onager:onager /var/lib/onager/runs',
      expect.stringMatching(/^drwx--x--x onager:onager \/var\/lib\/onager\/runs\//),
    ]);
    const readable = await lines('find /var/lib/onager/runs -type f -perm /007');
    expect(readable).toEqual([]);
  });

  it('has no failed unit, and its own are as they must be', async () => {
    expect(await lines('systemctl --failed --no-legend')).toEqual([]);
    const units = 'onager.socket onager.service onager-wall.service onager-lifetime.timer';
    expect(await lines(`systemctl is-active ${units}`)).toEqual([
      'active',
      'active',
      'active',
      'active',
    ]);
    const others = 'onager-engine.service onager-poweroff.service onager-lastwords.service';
    expect(await lines(`systemctl is-active ${others}`)).toEqual([
      'inactive',
      'inactive',
      'inactive',
    ]);
    expect(await lines(`systemctl is-enabled ${others}`)).toEqual(['static', 'static', 'static']);
    expect(await lines('systemctl show --property NRestarts --value onager.service')).toEqual([
      '0',
    ]);
  });

  it('listens on the page and ssh alone', async () => {
    const ports = await lines("ss -Hltnu | awk '{print $1, $5}' | sort -u");
    const open = ports.filter(
      (port) => !/ (127\.|\[::1\])/.test(port) && !/^udp .*:(68|546)$/.test(port),
    );
    expect(open).toEqual(['tcp *:80', 'tcp 0.0.0.0:22', 'tcp [::]:22']);
  });

  it('lets the agent start and stop its units and no others', async () => {
    const as = (user: string, command: string): Promise<readonly string[]> =>
      lines(`runuser -u ${user} -- systemctl --no-ask-password ${command} 2>&1; echo $?`);
    expect((await as('onager', 'stop onager-engine.service')).at(-1)).toBe('0');
    for (const refused of [
      'stop onager.service',
      'restart ssh.service',
      'stop onager-lifetime.timer',
      'poweroff',
    ]) {
      expect({ refused, by: await as('onager', refused) }).toMatchObject({
        by: expect.arrayContaining([
          expect.stringMatching(/denied|authentication required|authorized/i),
        ]),
      });
    }
    const engine = await as('onager-engine', 'start onager-poweroff.service');
    expect(engine.at(-1)).not.toBe('0');
    expect(
      await lines('systemctl is-active onager.service ssh.service onager-lifetime.timer'),
    ).toEqual(['active', 'active', 'active']);
  });

  it('belongs to no machine before its first boot', async () => {
    const left =
      'find /root /home -name authorized_keys -size +0; find /var/lib/apt/lists /var/cache/apt/archives -type f -size +0';
    expect(await lines(left)).toEqual([]);
    expect(
      await lines(
        'find /etc/machine-id /etc/ssh/ssh_host_*_key ! -newer /var/lib/dpkg/info/onager.list',
      ),
    ).toEqual([]);
  });

  it('holds the network of a load generator', async () => {
    const { output } = await machine.shell(
      'sysctl net.ipv4.ip_local_port_range net.core.somaxconn net.ipv4.tcp_tw_reuse net.ipv4.neigh.default.gc_thresh3',
    );
    expect(output).toMatch(/ip_local_port_range = \d{4}\s+6\d{4}/);
    expect(Number(/somaxconn = (\d+)/.exec(output)?.[1])).toBeGreaterThanOrEqual(1_024);
    // A cluster's members look for each other at every address of a subnet.
    expect(output).toMatch(/gc_thresh3 = 32768/);
  });

  it("keeps its clock by Amazon's time source", async () => {
    expect(await lines('timedatectl show-timesync --property SystemNTPServers --value')).toEqual([
      '169.254.169.123 fd00:ec2::123',
    ]);
  });

  it('scores as promised with systemd-analyze', async ({ task }) => {
    const score = async (unit: string): Promise<number> => {
      const [last = ''] = (await lines(`systemd-analyze security --no-pager ${unit}`)).slice(-1);
      return Number(/: (\d+\.\d)/.exec(last)?.[1]);
    };
    const scores = {
      agent: await score('onager.service'),
      engine: await score('onager-engine.service'),
    };
    const { size } = statSync(join(cacheDir, 'onager.deb'));
    task.meta.figures = {
      'security score of the agent': String(scores.agent),
      'security score of the engine': String(scores.engine),
      'size of the deb': `${(size / 1e6).toFixed(1)} MB`,
    };
    expect(scores.agent).toBeLessThanOrEqual(1.5);
    expect(scores.engine).toBeLessThanOrEqual(1.3);
  });
});

describe('an agent that cannot stay up', () => {
  const lastWords = /the agent has failed and is not started again/;

  it('is started again without last words on the console', async () => {
    const restarts = 'systemctl show --property NRestarts --value onager.service';
    await machine.shell('systemctl kill --signal KILL --kill-who main onager.service');
    await expect.poll(() => lines(restarts), { timeout: 60_000 }).toEqual(['1']);
    await until({ ec2, machine }, ({ phase }) => phase === 'idle');
    expect(await machine.console()).not.toMatch(lastWords);
  });

  it('says its last words there when systemd gives up', async () => {
    await machine.shell(`mkdir -p /run/systemd/system/onager.service.d
      printf '[Unit]\\nStartLimitBurst=1\\n' >/run/systemd/system/onager.service.d/limit.conf
      systemctl daemon-reload
      until systemctl is-failed --quiet onager.service; do
        systemctl kill --signal KILL --kill-who main onager.service
        sleep 1
      done`);
    await machine.says(lastWords);
  });
});
