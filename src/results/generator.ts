/** Whether the machine that fires was itself the bottleneck: simple rules over what it reported each second. */

import type { Plan } from '../engine/engine.ts';
import type { GeneratorSample } from '../engine/generator-sample.ts';
import type { GeneratorHealth } from './summary.ts';

export type PlannedLoad = Pick<Plan, 'phases' | 'plannedUsers'>;

/** What the rest of the measurements has to say about the generator. */
export type LoadFacts = Readonly<{
  loadStartedMs?: number | undefined;
  loadEndedMs?: number | undefined;
  plan: PlannedLoad;
  usersStarted: number;
  errors: readonly Readonly<{ kind: string; count: number }>[];
}>;

/** From these values on, the generator's own limits show in what it measures. */
const limits = {
  cpuMeanPercent: 90,
  cpuPeakPercent: 95,
  cpuPeakMs: 5_000,
  stealPercent: 5,
  memoryPercent: 90,
  openFilesShare: 0.9,
  localPortsShare: 0.8,
  launchedShare: 0.95,
};

/** Errors that mean: this machine ran out of something. */
const shortages: readonly (readonly [RegExp, string])[] = [
  [/emfile|enfile|system_limit/iu, 'the generator ran out of open files'],
  [/eaddrinuse|eaddrnotavail/iu, 'the generator ran out of local ports'],
  [/enobufs|enomem/iu, 'the generator ran out of memory for sockets'],
];

/** More than a day of seconds; a longer load is judged by its first day. */
const maxSamples = 100_000;

export class GeneratorWatch {
  readonly #samples: Compact[] = [];
  readonly #allowanceExceeded = new Map<string, number>();

  add(sample: GeneratorSample): void {
    for (const [name, grown] of Object.entries(sample.allowanceExceeded ?? {})) {
      if (grown > 0) {
        this.#allowanceExceeded.set(name, (this.#allowanceExceeded.get(name) ?? 0) + grown);
      }
    }
    if (this.#samples.length < maxSamples) this.#samples.push(compact(sample));
  }

  health(facts: LoadFacts): GeneratorHealth {
    const during = this.#duringLoad(facts);
    const figures = figuresOf(during);
    const reasons = [
      ...machineReasons(during, figures),
      ...[...this.#allowanceExceeded].map(
        ([name, count]) =>
          `the network exceeded what this instance type is allowed: ${name} grew by ${count}`,
      ),
      ...launchReasons(facts),
      ...shortageReasons(facts),
    ];
    return {
      verdict: verdictOf(reasons, during),
      reasons,
      ...(figures === undefined
        ? {}
        : {
            cpuMeanPercent: tenth(figures.cpuMean),
            cpuMaxPercent: tenth(figures.cpuMax),
            stealMaxPercent: tenth(figures.stealMax),
            memoryMaxPercent: tenth(figures.memoryMax),
          }),
    };
  }

  #duringLoad({ loadStartedMs, loadEndedMs }: LoadFacts): readonly Compact[] {
    if (loadStartedMs === undefined || loadEndedMs === undefined) return [];
    return this.#samples.filter(
      ({ atMs, stepMs }) => atMs > loadStartedMs && atMs - stepMs < loadEndedMs,
    );
  }
}

type Compact = Readonly<{
  atMs: number;
  stepMs: number;
  cpu: number;
  steal: number;
  memory: number;
  openFiles: number;
  localPorts: number;
}>;

type Figures = Readonly<{
  cpuMean: number;
  cpuMax: number;
  stealMax: number;
  memoryMax: number;
  openFilesMax: number;
  localPortsMax: number;
}>;

function compact(sample: GeneratorSample): Compact {
  const { openFiles = 0, openFilesLimit = 0, tcpSockets, localPorts } = sample;
  return {
    atMs: sample.atMs,
    stepMs: sample.stepMs,
    cpu: sample.cpuPercent,
    steal: sample.stealPercent,
    memory: sample.memoryPercent,
    openFiles: openFilesLimit > 0 ? openFiles / openFilesLimit : 0,
    localPorts: localPorts > 0 ? tcpSockets / localPorts : 0,
  };
}

function figuresOf(samples: readonly Compact[]): Figures | undefined {
  if (samples.length === 0) return undefined;
  const largest = (read: (sample: Compact) => number): number =>
    samples.reduce((most, sample) => Math.max(most, read(sample)), 0);
  const timeMs = samples.reduce((sum, { stepMs }) => sum + stepMs, 0);
  const busyMs = samples.reduce((sum, { cpu, stepMs }) => sum + cpu * stepMs, 0);
  return {
    cpuMean: timeMs > 0 ? busyMs / timeMs : 0,
    cpuMax: largest(({ cpu }) => cpu),
    stealMax: largest(({ steal }) => steal),
    memoryMax: largest(({ memory }) => memory),
    openFilesMax: largest(({ openFiles }) => openFiles),
    localPortsMax: largest(({ localPorts }) => localPorts),
  };
}

function machineReasons(samples: readonly Compact[], figures: Figures | undefined): string[] {
  if (figures === undefined) return [];
  const reasons: string[] = [];
  const peakMs = longestPeakMs(samples);
  if (figures.cpuMean > limits.cpuMeanPercent) {
    reasons.push(`the generator's CPU was ${percent(figures.cpuMean)} busy on average`);
  } else if (peakMs >= limits.cpuPeakMs) {
    const seconds = Math.round(peakMs / 1_000);
    reasons.push(
      `the generator's CPU was over ${limits.cpuPeakPercent} % busy for ${seconds} s in a row`,
    );
  }
  if (figures.stealMax > limits.stealPercent) {
    reasons.push(
      `up to ${percent(figures.stealMax)} of the CPU was taken by other machines on the host (steal)`,
    );
  }
  if (figures.memoryMax > limits.memoryPercent) {
    reasons.push(`the generator's memory was ${percent(figures.memoryMax)} full`);
  }
  if (figures.openFilesMax > limits.openFilesShare) {
    reasons.push(`the engine used ${percent(figures.openFilesMax * 100)} of the files it may open`);
  }
  if (figures.localPortsMax > limits.localPortsShare) {
    reasons.push(`${percent(figures.localPortsMax * 100)} of the local ports were in use`);
  }
  return reasons;
}

function longestPeakMs(samples: readonly Compact[]): number {
  let longest = 0;
  let peakMs = 0;
  for (const { cpu, stepMs } of samples) {
    peakMs = cpu > limits.cpuPeakPercent ? peakMs + stepMs : 0;
    longest = Math.max(longest, peakMs);
  }
  return longest;
}

// Users arrive at random, so a small number of them may well fall short by chance: three standard deviations are allowed for.
function launchReasons({ loadStartedMs, loadEndedMs, plan, usersStarted }: LoadFacts): string[] {
  const { plannedUsers, phases } = plan;
  if (plannedUsers === undefined || phases.length === 0) return [];
  if (loadStartedMs === undefined || loadEndedMs === undefined) return [];
  const plannedMs = phases.reduce(
    (end, { startMs, durationMs }) => Math.max(end, startMs + durationMs),
    0,
  );
  const allPhasesOver = loadEndedMs - loadStartedMs >= plannedMs;
  const enough = plannedUsers * limits.launchedShare - 3 * Math.sqrt(plannedUsers);
  if (!allPhasesOver || usersStarted >= enough) return [];
  return [
    `only ${usersStarted} of ${Math.round(plannedUsers)} planned users were launched in time`,
  ];
}

function shortageReasons({ errors }: LoadFacts): string[] {
  return errors.flatMap(({ kind, count }) => {
    const shortage = shortages.find(([pattern]) => pattern.test(kind));
    return shortage === undefined ? [] : [`${shortage[1]}: ${count} × ${kind}`];
  });
}

function verdictOf(
  reasons: readonly string[],
  samples: readonly Compact[],
): GeneratorHealth['verdict'] {
  if (reasons.length > 0) return 'suspect';
  return samples.length === 0 ? 'unknown' : 'valid';
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function percent(value: number): string {
  return `${Math.round(value)} %`;
}
