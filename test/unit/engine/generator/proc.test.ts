/** How Onager reads /proc and ethtool. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as proc from '../../../../src/engine/generator/proc.ts';
import { parseStat } from '../../../../src/engine/processes.ts';

describe('the state of a process', () => {
  const rest = 'S 1 6543 6542 34816 6542 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 12 13';

  it.each(['node', 'a b', ') (', '))) R 1 2 3', 'beam.smp', '(sd-pam)', ''])(
    'is found behind any name: "%s"',
    (name) => {
      expect(parseStat(`6543 (${name}) ${rest}`)).toEqual({
        pid: 6543,
        state: 'S',
        parent: 1,
        session: 6542,
        startTime: 987654,
      });
    },
  );

  it('is nothing where the text is empty or makes no sense', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const stat = parseStat(text);
        expect(stat === undefined || Number.isInteger(stat.startTime)).toBe(true);
      }),
    );
    expect(parseStat('')).toBeUndefined();
  });
});

describe('the processors', () => {
  it('are busy with everything but idling, waiting and being stolen', () => {
    const text = 'cpu  100 10 50 800 40 3 7 20 15 1\ncpu0 1 2 3\nctxt 99\nprocs_running 5\n';
    expect(proc.parseCpu(text)).toEqual({ busy: 170, steal: 20, total: 1_030, running: 5 });
  });

  it('are idle if the file says nothing', () => {
    expect(proc.parseCpu('')).toEqual({ busy: 0, steal: 0, total: 0, running: 0 });
  });
});

describe('memory', () => {
  it.each([
    ['MemTotal:  1000 kB\nMemFree: 5 kB\nMemAvailable:   250 kB\n', 75],
    ['MemTotal:  1000 kB\n', 0],
    ['', 0],
  ])('is what programs could not get: %j', (text, percent) => {
    expect(proc.parseMemoryPercent(text)).toBe(percent);
  });
});

describe('the network', () => {
  it('is every interface but loopback', () => {
    const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs
    lo: 999999 1 0 0 0 0 0 0 999999 1 0 0 0 0 0 0
  ens5: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0
  ens6:7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
`;
    expect(proc.parseNetwork(text)).toEqual({ received: 1_007, sent: 2_008 });
  });

  it('counts segments sent again by the name of their column', () => {
    const text = 'Ip: A\nIp: 1\nTcp: InSegs OutSegs RetransSegs InErrs\nTcp: 11 12 13 14\n';
    expect(proc.parseRetransmits(text)).toBe(13);
    expect(proc.parseRetransmits('')).toBe(0);
  });

  it('counts sockets of both families and those that only wait to be forgotten', () => {
    const four =
      'sockets: used 20\nTCP: inuse 3 orphan 0 tw 100 alloc 4 mem 123\nUDP: inuse 9 mem 0\n';
    const six = 'TCP6: inuse 4\nUDP6: inuse 1\n';
    expect(proc.parseTcpSockets(four, six)).toBe(107);
    expect(proc.parseTcpSockets('', '')).toBe(0);
  });

  it.each([
    ['32768\t60999\n', 28_232],
    ['1024 65535', 64_512],
  ])('has so many local ports: %j', (text, ports) => {
    expect(proc.parseLocalPorts(text)).toBe(ports);
  });

  it('went beyond its allowance where ENA says so', () => {
    const text = `NIC statistics:
     tx_timeout: 0
     bw_in_allowance_exceeded: 12
     pps_allowance_exceeded: 0
     linklocal_allowance_exceeded: 3
     queue_0_tx_cnt: 99
`;
    expect(proc.parseAllowances(text)).toEqual({
      bw_in_allowance_exceeded: 12,
      pps_allowance_exceeded: 0,
      linklocal_allowance_exceeded: 3,
    });
  });
});

describe('the limit of open files', () => {
  it.each([
    ['Max open files            1024                 524288               files     \n', 1_024],
    ['Max open files            unlimited            unlimited            files     \n', undefined],
    ['', undefined],
  ])('is the one in force: %j', (text, limit) => {
    expect(proc.parseOpenFilesLimit(text)).toBe(limit);
  });
});
