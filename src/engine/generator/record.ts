/** Records once a second how busy the load generator is: generator.ndjson. */

import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { msToNextTick } from '../../clock.ts';
import { appendFlags } from '../../files/untrusted-file.ts';
import type { Log } from '../../log.ts';
import { wait } from '../../retry.ts';
import { createAllowances } from './ena.ts';
import { createEngineCpu, readOrEmpty } from './engine-cpu.ts';
import { fullestOf } from './open-files.ts';
import * as proc from './proc.ts';
import { type GeneratorSample, generatorFile } from './sample.ts';

/**
 * Smaller differences between two clocks are those of reading them, or a clock that is being
 * slewed.
 */
const shortestClockStepMs = 500;

type GeneratorOptions = Readonly<{
  outputDir: string;
  /**
   * The engine's processes. Scanning /proc for them is expensive, so it is done once in ten
   * samples.
   */
  pids: () => readonly number[];
  log: Log;
  intervalMs?: number;
  /** Replacements for /proc and /sys, for tests. */
  procDir?: string;
  sysDir?: string;
}>;

/** Starts at once. `close` writes a last line, unless the previous one is too recent. */
export function recordGenerator(options: GeneratorOptions): Readonly<{ close(): Promise<void> }> {
  const stop = new AbortController();
  const recording = record(options, stop.signal);
  return {
    async close() {
      stop.abort();
      await recording;
    },
  };
}

async function record(options: GeneratorOptions, signal: AbortSignal): Promise<void> {
  const { outputDir, log, intervalMs = 1_000 } = options;
  const path = join(outputDir, generatorFile);
  const take = createSampler(options);
  let failing = false;
  while (!signal.aborted) {
    const waitedMs = await untilNextTick(intervalMs, signal);
    // Processor time is counted in ticks of 10 ms, too coarse for a short step.
    if (signal.aborted && waitedMs < intervalMs / 2) return;
    try {
      const sample = await take();
      await appendFile(path, `${JSON.stringify(sample)}\n`, { flag: appendFlags });
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ error: String(error) }, 'generator sample lost');
      failing = true;
    }
  }
}

/** At whole multiples of the interval, so that the lines of several machines line up. */
async function untilNextTick(intervalMs: number, signal: AbortSignal): Promise<number> {
  const startedMs = performance.now();
  try {
    await wait(msToNextTick({ everyMs: intervalMs }), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return performance.now() - startedMs;
}

/**
 * The first sample covers the time since this call. Reads are synchronous, which is cheapest here.
 */
function createSampler({
  pids,
  procDir = '/proc',
  sysDir = '/sys',
}: GeneratorOptions): () => Promise<GeneratorSample> {
  const read = (path: string): string => readOrEmpty(join(procDir, path));
  const look = () => ({
    atMs: Date.now(),
    elapsedMs: performance.now(),
    cpu: proc.parseCpu(read('stat')),
    network: proc.parseNetwork(read('net/dev')),
    retransmits: proc.parseRetransmits(read('net/snmp')),
  });
  const allowances = createAllowances(sysDir);
  const engineCpu = createEngineCpu(procDir);
  let known: readonly number[] = [];
  let calls = 0;
  let before = look();
  return async () => {
    const now = look();
    const ticks = Math.max(1, now.cpu.total - before.cpu.total);
    const stepMs = Math.round(now.elapsedMs - before.elapsedMs);
    const clockStepMs = now.atMs - before.atMs - stepMs;
    // At its start an engine still starts more processes.
    const rare = calls < 3 || calls % 10 === 0;
    calls += 1;
    if (rare) known = pids();
    const engineCpuPercent = engineCpu(known, stepMs);
    const allowanceExceeded = await allowances();
    const sample = {
      atMs: now.atMs,
      stepMs,
      ...(Math.abs(clockStepMs) < shortestClockStepMs ? {} : { clockStepMs }),
      cpuPercent: round((100 * (now.cpu.busy - before.cpu.busy)) / ticks),
      ...(engineCpuPercent === undefined ? {} : { engineCpuPercent: round(engineCpuPercent) }),
      stealPercent: round((100 * (now.cpu.steal - before.cpu.steal)) / ticks),
      memoryPercent: round(proc.parseMemoryPercent(read('meminfo'))),
      // This process itself is running, and does not count.
      runQueue: Math.max(0, now.cpu.running - 1),
      networkReceivedBytes: grown(before.network.received, now.network.received),
      networkSentBytes: grown(before.network.sent, now.network.sent),
      ...fullestOf(procDir, known, { rare }),
      tcpSockets: proc.parseTcpSockets(read('net/sockstat'), read('net/sockstat6')),
      localPorts: proc.parseLocalPorts(read('sys/net/ipv4/ip_local_port_range')),
      tcpRetransmits: grown(before.retransmits, now.retransmits),
      ...(allowanceExceeded === undefined ? {} : { allowanceExceeded }),
    };
    before = now;
    return sample;
  };
}

function grown(before: number, now: number): number {
  return Math.max(0, now - before);
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10;
}
