/**
 * The package on a Debian of its own: installed, upgraded, removed and purged, and what each step
 * leaves.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheDir, systemDir } from './system.ts';

const run = promisify(execFile);
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onager-package-'));
  for (const name of ['changed', 'work', 'root']) await mkdir(join(dir, name));
  await inRoot('dpkg --purge onager');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/**
 * Runs a script in the image's root, which has everything that the package depends on. It sees what
 * earlier scripts changed, and the image itself does not change. Mounts and processes end with the
 * script. The packages are in `/mnt`.
 */
async function inRoot(script: string): Promise<readonly string[]> {
  const mounts = `
    mount -t overlay overlay -o lowerdir=${systemDir()}/root,upperdir=${dir}/changed,workdir=${dir}/work ${dir}/root
    mount -t proc proc ${dir}/root/proc
    mount --bind /dev ${dir}/root/dev
    mount -t tmpfs tmpfs ${dir}/root/mnt
    cp ${cacheDir}/onager.deb ${dir}/root/mnt/
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot ${dir}/root sh -euc "$0"`;
  const args = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', mounts, script];
  const { stdout } = await run('unshare', args);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Files that are not the package's, but of the image's scripts and this test. */
const others =
  "! -name '*onager*test*' ! -name 'onager-yardstick*' ! -path '/etc/systemd/*.conf.d/*'";
/** Every file named after Onager, except what dpkg and systemd record about removed packages. */
const traces = `find / -xdev -name '*onager*' ! -path '/var/lib/dpkg/*' ! -path '/var/log/*' ! -path '/usr/local/*' ${others} | sort`;
const enabled = `find /etc/systemd/system -type l -name 'onager*' ${others} | sort`;

describe('the package', () => {
  it('leaves nothing of itself when it is purged', async () => {
    expect(await inRoot(traces)).toEqual([]);
  });

  it('is installed whole and without a warning, with its units enabled', async () => {
    const told = await inRoot('dpkg --install /mnt/onager.deb 2>&1');
    expect(told.filter((line) => /warn|error|fail|cannot/i.test(line))).toEqual([]);
    expect(
      await inRoot('dpkg --audit; dpkg --verify onager | grep -v /usr/share/ || true'),
    ).toEqual([]);
    expect(await inRoot(enabled)).toEqual([
      '/etc/systemd/system/multi-user.target.wants/onager-wall.service',
      '/etc/systemd/system/multi-user.target.wants/onager.service',
      '/etc/systemd/system/sockets.target.wants/onager.socket',
      '/etc/systemd/system/sysinit.target.wants/onager-lifetime.timer',
    ]);
    expect(await inRoot('onager --version')).toHaveLength(1);
  });

  it('keeps settings, runs, and a unit that was switched off through an upgrade', async () => {
    await inRoot(`
      echo 'lifetime: 3h' >>/etc/onager/onager.yaml
      install -d -o onager -g onager /var/lib/onager/runs/one
      echo kept >/var/lib/onager/runs/one/run.json
      systemctl disable onager-lifetime.timer
      dpkg-deb --raw-extract /mnt/onager.deb /mnt/tree
      sed -i 's/^Version: .*/Version: 99.0/' /mnt/tree/DEBIAN/control
      dpkg-deb --build -Znone /mnt/tree /mnt/next.deb
      dpkg --install /mnt/next.deb`);
    const kept = 'tail -n 1 /etc/onager/onager.yaml; cat /var/lib/onager/runs/one/run.json';
    expect(await inRoot(`dpkg-query --show onager; ${kept}`)).toEqual([
      'onager\t99.0',
      'lifetime: 3h',
      'kept',
    ]);
    expect(await inRoot(enabled)).not.toContain(
      '/etc/systemd/system/sysinit.target.wants/onager-lifetime.timer',
    );
    expect(await inRoot(enabled)).toHaveLength(3);
  });

  it('leaves settings and runs when it is removed, and takes them when it is purged', async () => {
    await inRoot('dpkg --remove onager');
    expect(await inRoot('cat /var/lib/onager/runs/one/run.json; ls /etc/onager')).toEqual([
      'kept',
      'onager.yaml',
    ]);
    expect(await inRoot('ls -d /usr/lib/onager /usr/bin/onager || true')).toEqual([]);
    await inRoot('dpkg --purge onager');
    expect(await inRoot(traces)).toEqual([]);
  });
});
