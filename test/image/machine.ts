/**
 * A machine that QEMU boots from the image's disk: its console, its page, and a shell that only the
 * test's image has.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { macAddress } from './ec2.ts';
import type { Nic } from './lan.ts';
import { systemDir } from './system.ts';

export type Shell = (command: string) => Promise<Readonly<{ code: number; output: string }>>;

export type Machine = AsyncDisposable &
  Readonly<{
    /** The address that leads to its port 80. */
    port: number;
    bootedAt: number;
    console(): Promise<string>;
    /** Waits until the serial console says this, and gives the match. */
    says(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray>;
    shell: Shell;
    /** Like a power failure of a moment: the system gets no warning. */
    reset(): Promise<void>;
    /** Resolves when the machine has powered itself off. */
    off(limitMs?: number): Promise<void>;
  }>;

/** Software emulation, on a machine that others use too. */
const bootLimitMs = 300_000;

/** `nic`: where it is in a network with others. Without one it has a network of its own. */
export async function boot({
  kernelOptions = [],
  nic,
}: {
  kernelOptions?: readonly string[];
  nic?: Nic;
} = {}): Promise<Machine> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'onager-qemu-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const { port, mac, netdev } = nic ?? (await ownNetwork());
  // Machines that run beside others have one processor each.
  const cpus = nic === undefined ? 2 : 1;
  const serial = join(dir, 'console');
  const command = qemuCommand({ dir, serial, kernelOptions, mac, netdev, cpus });
  const bootedAt = Date.now();
  const qemu = spawn('qemu-system-x86_64', command, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(qemu, 'exit');
  stack.defer(async () => {
    qemu.kill('SIGKILL');
    await ended;
  });
  const shell = await createShell(join(dir, 'shell'));
  stack.defer(() => shell.close());

  const read = (): Promise<string> => readFile(serial, 'latin1').catch(() => '');
  async function says(pattern: RegExp, limitMs = bootLimitMs): Promise<RegExpExecArray> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const text = await read();
      const found = pattern.exec(text);
      if (found !== null) return found;
      if (Date.now() > deadline || qemu.exitCode !== null) {
        throw new Error(`the console never said ${pattern}:\n${text.slice(-6_000)}`);
      }
      await sleep(200);
    }
  }

  const owned = stack.move();
  return {
    port,
    bootedAt,
    console: read,
    says,
    shell: shell.run,
    async reset() {
      const monitor = connect(join(dir, 'monitor'));
      await once(monitor, 'connect');
      // Its output does not matter, but must be read so that its end is noticed.
      monitor.resume().end('system_reset\n');
      await once(monitor, 'close');
    },
    async off(limitMs = bootLimitMs) {
      const late = sleep(limitMs, undefined, { ref: false }).then(async () => {
        throw new Error(`the machine is still up:\n${(await read()).slice(-6_000)}`);
      });
      await Promise.race([ended, late]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type QemuOptions = Readonly<{
  dir: string;
  serial: string;
  kernelOptions: readonly string[];
  mac: string;
  netdev: string;
  cpus: number;
}>;

function qemuCommand({
  dir,
  serial,
  kernelOptions,
  mac,
  netdev,
  cpus,
}: QemuOptions): readonly string[] {
  // Makes the system, and with it cloud-init, believe that this is an EC2 instance.
  const uuid = 'ec2e1916-0000-0000-0000-000000000000';
  const system = systemDir();
  const append = ['console=tty0 console=ttyS0 panic=-1 root=/dev/vda rw', ...kernelOptions];
  return [
    ['-accel', 'tcg,thread=multi', '-cpu', 'Nehalem', '-smp', String(cpus), '-m', '2048'],
    ['-display', 'none', '-serial', `file:${serial}`],
    ['-monitor', `unix:${join(dir, 'monitor')},server=on,wait=off`],
    ['-smbios', `type=1,manufacturer=Amazon EC2,serial=${uuid},uuid=${uuid}`],
    // What it writes survives a reboot, but not the machine.
    ['-drive', `file=${join(system, 'disk.img')},format=raw,if=virtio,snapshot=on,cache=unsafe`],
    ['-netdev', `${netdev},id=net`],
    ['-device', `virtio-net-pci,netdev=net,mac=${mac}`],
    ['-device', 'virtio-serial', '-device', 'virtserialport,chardev=shell,name=onager-test'],
    ['-chardev', `socket,id=shell,path=${join(dir, 'shell')},server=on,wait=off`],
    ['-device', 'virtio-rng-pci'],
    ['-kernel', join(system, 'vmlinuz'), '-initrd', join(system, 'initrd.img')],
    ['-append', append.join(' ')],
  ].flat();
}

/**
 * One command at a time. A command that is running when the machine reboots never gets an answer.
 */
async function createShell(path: string): Promise<Readonly<{ run: Shell; close(): void }>> {
  const socket = await connected(path);
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();
  async function run(command: string): Promise<{ code: number; output: string }> {
    socket.write(`${Buffer.from(command).toString('base64')}\n`);
    const { value } = await lines.next();
    const [code, output = ''] = String(value).split(' ');
    return { code: Number(code), output: Buffer.from(output, 'base64').toString('utf8') };
  }
  return {
    run(command) {
      const answer = last.then(() => run(command));
      last = answer.catch(() => {});
      return answer;
    },
    close: () => socket.destroy(),
  };
}

async function connected(path: string): Promise<Socket> {
  const signal = AbortSignal.timeout(10_000);
  for (;;) {
    const socket = connect(path);
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      await sleep(50, undefined, { signal });
    }
  }
}

/** QEMU's own, with a DHCP server and a way to the host's loopback. */
async function ownNetwork(): Promise<Pick<Nic, 'port' | 'mac' | 'netdev'>> {
  const port = await freePort();
  return { port, mac: macAddress, netdev: `user,hostfwd=tcp:127.0.0.1:${port}-:80` };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
