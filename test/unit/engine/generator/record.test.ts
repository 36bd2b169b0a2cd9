/** What is recorded about the generator machine, from a fake /proc and /sys. */

import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAllowances } from '../../../../src/engine/generator/ena.ts';
import { createEngineCpu } from '../../../../src/engine/generator/engine-cpu.ts';
import { recordGenerator } from '../../../../src/engine/generator/record.ts';
import { silentLog } from '../../../../src/log.ts';
import { until } from '../../../support/fake-engine-run.ts';
import { temporaryFolder } from '../../../support/temporary.ts';

let dir = '';
beforeEach(async () => {
  dir = await temporaryFolder('generator');
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), content);
}

function machine({ busy, bytes, again }: { busy: number; bytes: number; again: number }): void {
  write('proc/stat', `cpu  ${busy} 0 0 ${1_000 - busy} 0 0 0 0\nprocs_running 4\n`);
  write('proc/meminfo', 'MemTotal: 1000 kB\nMemAvailable: 600 kB\n');
  write('proc/net/dev', `head\nhead\n ens5: ${bytes} 0 0 0 0 0 0 0 ${2 * bytes} 0\n`);
  write('proc/net/snmp', `Tcp: RetransSegs\nTcp: ${again}\n`);
  write('proc/net/sockstat', 'TCP: inuse 3 orphan 0 tw 2 alloc 4\n');
  write('proc/sys/net/ipv4/ip_local_port_range', '1024 65535\n');
}

const lines = () => {
  const text = readFileSync(join(dir, 'generator.ndjson'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
};
const record = (intervalMs: number) =>
  recordGenerator({
    outputDir: dir,
    pids: () => [7, 8],
    log: silentLog(),
    intervalMs,
    procDir: join(dir, 'proc'),
    sysDir: join(dir, 'sys'),
  });

describe('a line', () => {
  it('covers the time since the previous line', async () => {
    machine({ busy: 100, bytes: 1_000, again: 5 });
    write(
      'proc/7/limits',
      'Max open files            100                  100                  files\n',
    );
    write('proc/7/fd/0', '');
    const recorder = record(20);
    write('proc/stat', 'cpu  400 0 0 1400 0 0 0 200\nprocs_running 4\n');
    write('proc/net/dev', 'head\nhead\n ens5: 1500 0 0 0 0 0 0 0 2001 0\n');
    write('proc/net/snmp', 'Tcp: RetransSegs\nTcp: 9\n');
    const [first] = await until('a line', () => {
      try {
        return lines();
      } catch {
        return undefined;
      }
    });
    await recorder.close();
    expect(first).toEqual({
      atMs: expect.any(Number),
      stepMs: expect.any(Number),
      cpuPercent: 30,
      stealPercent: 20,
      memoryPercent: 40,
      runQueue: 3,
      networkReceivedBytes: 500,
      networkSentBytes: 1,
      openFiles: expect.any(Number),
      openFilesLimit: 100,
      tcpSockets: 5,
      localPorts: 64_512,
      tcpRetransmits: 4,
    });
    expect(first.stepMs).toBeGreaterThanOrEqual(10);
  });

  it('is not written of a step so short that it says nothing', async () => {
    machine({ busy: 100, bytes: 1_000, again: 5 });
    await record(60_000).close();
    expect(() => lines()).toThrow('ENOENT');
  });

  it('is lost where it cannot be written, and nothing else is', async () => {
    machine({ busy: 1, bytes: 1, again: 1 });
    mkdirSync(join(dir, 'generator.ndjson'));
    const recorder = record(10);
    await expect(recorder.close()).resolves.toBeUndefined();
  });
});

describe("the engine's processors", () => {
  const process = (pid: number, ticks: number, threads: Record<number, number> = {}): void => {
    const stat = (id: number, its: number) => `${id} (a ) b) S 1 1 1 0 0 0 0 0 0 0 ${its} 1 0 0 20`;
    write(`proc/${pid}/stat`, stat(pid, ticks));
    write(`proc/${pid}/status`, 'Name:\tbeam\nCpus_allowed:\tf\nCpus_allowed_list:\t0-2,5\n');
    for (const [id, its] of Object.entries(threads)) {
      write(`proc/${pid}/task/${id}/stat`, stat(Number(id), its));
    }
  };
  const cpu = () => createEngineCpu(join(dir, 'proc'));

  it('are those that its busiest process may use', () => {
    const percentOf = cpu();
    process(7, 100);
    process(8, 500);
    expect(percentOf([7, 8, 9], 1_000)).toBeUndefined();
    process(7, 300);
    process(8, 510);
    expect(percentOf([7, 8, 9], 1_000)).toBe(50);
    expect(percentOf([7, 8, 9], 1_000)).toBe(0);
  });

  it('are one where one thread does all of its work', () => {
    const percentOf = cpu();
    const steps = [0, 95, 190].map((ticks) => {
      process(7, ticks + 2, { 7: 2, 70: ticks });
      return percentOf([7], 1_000);
    });
    expect(steps).toEqual([undefined, 95 / 4, 95]);
  });

  it('are all where two threads share its work', () => {
    const percentOf = cpu();
    const steps = [0, 95, 190].map((ticks) => {
      process(7, 2 * ticks, { 7: ticks, 70: ticks });
      return percentOf([7], 1_000);
    });
    expect(steps).toEqual([undefined, 47.5, 47.5]);
  });

  it('are unknown where a process can not be seen', () => {
    expect(cpu()([9], 1_000)).toBeUndefined();
  });
});

describe('the allowances of the network', () => {
  const driver = (name: string, module: string): void => {
    mkdirSync(join(dir, 'sys/class/net', name, 'device'), { recursive: true });
    symlinkSync(`/drivers/${module}`, join(dir, 'sys/class/net', name, 'device/driver'));
  };

  it('are recorded as increments, over all interfaces, if the driver counts them', async () => {
    driver('ens5', 'ena');
    driver('ens6', 'ena');
    driver('eth0', 'virtio_net');
    const asked: string[] = [];
    const counts = [1, 1, 1, 4].values();
    const statistics = async (name: string): Promise<string> => {
      asked.push(name);
      return ` pps_allowance_exceeded: ${counts.next().value}\n bw_in_allowance_exceeded: 7\n`;
    };
    const allowances = createAllowances(join(dir, 'sys'), { every: 2, statistics });
    expect(await allowances()).toEqual({});
    expect(await allowances()).toBeUndefined();
    expect(await allowances()).toEqual({ pps_allowance_exceeded: 3 });
    expect(asked).toEqual(['ens5', 'ens6', 'ens5', 'ens6']);
  });

  it('are absent without such a driver, or without ethtool', async () => {
    expect(await createAllowances(join(dir, 'sys'))()).toBeUndefined();
    driver('eth0', 'virtio_net');
    expect(await createAllowances(join(dir, 'sys'))()).toBeUndefined();
    driver('ens5', 'ena');
    const statistics = async (): Promise<undefined> => undefined;
    expect(await createAllowances(join(dir, 'sys'), { statistics })()).toBeUndefined();
  });
});
