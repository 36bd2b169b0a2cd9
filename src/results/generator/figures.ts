/** What one second of the generator's machine says about its limits, and the figures of many. */

import type { GeneratorSample } from '../../engine/generator/sample.ts';
import { percent, type Reason, strained } from './reason.ts';

/** Beyond these values the generator's own limits can distort what it measures. */
const limits = { stealPercent: 5, memoryPercent: 90, openFilesShare: 0.9, localPortsShare: 0.8 };

export type Compact = Readonly<{
  atMs: number;
  stepMs: number;
  clockStepMs: number;
  cpu: number;
  steal: number;
  memory: number;
  openFiles: number;
  localPorts: number;
}>;

export function compact(sample: GeneratorSample): Compact {
  const { openFiles = 0, openFilesLimit = 0, tcpSockets, localPorts } = sample;
  return {
    atMs: sample.atMs,
    stepMs: Math.max(1, sample.stepMs),
    clockStepMs: sample.clockStepMs ?? 0,
    cpu: Math.max(sample.cpuPercent, sample.engineCpuPercent ?? 0),
    steal: sample.stealPercent,
    memory: sample.memoryPercent,
    openFiles: openFilesLimit > 0 ? openFiles / openFilesLimit : 0,
    localPorts: localPorts > 0 ? tcpSockets / localPorts : 0,
  };
}

export type MachineFigures = Readonly<{
  cpuMean: number;
  cpuMax: number;
  stealMax: number;
  memoryMax: number;
  openFilesMax: number;
  localPortsMax: number;
}>;

export function figuresOf(samples: readonly Compact[]): MachineFigures | undefined {
  if (samples.length === 0) return undefined;
  const largest = (read: (sample: Compact) => number): number =>
    samples.reduce((most, sample) => Math.max(most, read(sample)), 0);
  const timeMs = samples.reduce((sum, { stepMs }) => sum + stepMs, 0);
  return {
    cpuMean: samples.reduce((sum, { cpu, stepMs }) => sum + cpu * stepMs, 0) / timeMs,
    cpuMax: largest(({ cpu }) => cpu),
    stealMax: largest(({ steal }) => steal),
    memoryMax: largest(({ memory }) => memory),
    openFilesMax: largest(({ openFiles }) => openFiles),
    localPortsMax: largest(({ localPorts }) => localPorts),
  };
}

/** What was nearly used up; if something ran out, an error says so. */
export function nearLimits(figures: MachineFigures): readonly Reason[] {
  const reasons: Reason[] = [];
  if (figures.stealMax > limits.stealPercent) {
    reasons.push(
      strained(
        `up to ${percent(figures.stealMax)} of the CPU was taken by other machines on the host (steal)`,
      ),
    );
  }
  if (figures.memoryMax > limits.memoryPercent) {
    reasons.push(strained(`the generator's memory was ${percent(figures.memoryMax)} full`));
  }
  if (figures.openFilesMax > limits.openFilesShare) {
    reasons.push(
      strained(`the engine used ${percent(figures.openFilesMax * 100)} of the files it may open`),
    );
  }
  if (figures.localPortsMax > limits.localPortsShare) {
    reasons.push(
      strained(`${percent(figures.localPortsMax * 100)} of the local ports were in use`),
    );
  }
  return reasons;
}

export function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
