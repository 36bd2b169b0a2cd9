/**
 * The state of a run, as `run.json` holds it and as the page and the API show it. Times: ISO 8601
 * UTC.
 */

import type { Identity } from '../aws/identity.ts';
import type { Change, LoadPhase, Outcome, Sampling } from '../engine/engine.ts';
import type { Problem } from '../errors.ts';
import type { Settings, ShownSetting } from '../settings/settings.ts';
import type { SloRule } from '../slo/rule.ts';

/**
 * The phases in their order; `failed` can follow any of them, `idle` is where an instance without a
 * scenario stays.
 */
export const phases = [
  'waiting',
  'fetching',
  'unpacking',
  'preparing',
  'running',
  'reporting',
  'publishing',
  'finished',
] as const;

export type Phase = (typeof phases)[number] | 'failed' | 'idle';

export type PhaseRecord = Readonly<{ phase: Phase; startedAt: string; endedAt?: string }>;

/** Something the run waits for. `until`: when it gives up; absent: it waits for ever. */
export type Awaited = Readonly<{
  what: string;
  since: string;
  until?: string;
  lastAnswer?: string;
}>;

export type ScenarioInfo = Readonly<{
  name: string;
  /** How it came: `zip`, `xml`, `s3://…`, `https://…` (query removed). */
  form: string;
  sha256: string;
  bytes: number;
  files: number;
  entry?: string;
}>;

export type EngineInfo = Readonly<{
  name: string;
  version: string;
  runtime: string;
  plannedDurationMs?: number;
  plannedUsers?: number;
  loadPhases: readonly LoadPhase[];
  targets: readonly string[];
  changes: readonly Change[];
  sampling: Sampling;
  startedAt?: string;
  endedAt?: string;
}>;

/** The machine the load comes from. */
export type MachineInfo = Readonly<{ kernel: string; cpus: number; memoryBytes: number }>;

/**
 * How far publishing is. `whole`: the manifest is confirmed. `problem`: why it is not going on now;
 * it is tried again.
 */
export type PublishInfo = Readonly<{
  to: string;
  objects: number;
  bytes: number;
  pending: number;
  whole: boolean;
  problem?: Problem;
  lastUploadAt?: string;
}>;

/** What bounds the machine's life, as far as it is known; kept for a restart. */
export type Lifecycle = Readonly<{
  /**
   * What the lifetime counts from. A machine that was stopped and is started again has a new one,
   * and a new lifetime.
   */
  launchedAt: string;
  lifetimeMs: number;
  after: Settings['after'];
  /** Whether the run is over only when it is published. */
  publishes: boolean;
  /** By how much somebody has put the power-off off, all told. */
  extendedMs: number;
  /** When the delay after the run ends, once that has begun. */
  afterRunAt?: string;
}>;

/**
 * The next power-off: at the end of the lifetime, or of the delay after the run. `pretended`: this
 * machine is not Onager's to switch off, as in a rehearsal. `extendable`: somebody can still put it
 * off. `action` is what was asked for: a machine that switches itself off is terminated only if it
 * was launched with InstanceInitiatedShutdownBehavior=terminate, which cannot be seen from inside;
 * else it is stopped.
 */
export type PowerOffInfo = Readonly<{
  at: string;
  reason: 'lifetime' | 'after-run';
  action: 'stop' | 'terminate';
  pretended: boolean;
  extendable: boolean;
}>;

/** How long the machine may live, and how that ends. */
export type Lifetime = Readonly<{
  /**
   * When the machine powers off, whatever happens. Counted from its boot until the instance is
   * known.
   */
  endsAt: string;
  powerOff: PowerOffInfo;
  /** What that is computed from; absent until the instance is known. */
  lifecycle?: Lifecycle;
}>;

export type RunState = Readonly<{
  version: 1;
  onager: string;
  runId: string;
  phase: Phase;
  phases: readonly PhaseRecord[];
  awaiting?: Awaited;
  instance?: Identity;
  machine?: MachineInfo;
  settings: readonly ShownSetting[];
  /** The objectives in force, for whoever measures again; once there is a plan. */
  slo?: readonly SloRule[];
  scenario?: ScenarioInfo;
  engine?: EngineInfo;
  outcome?: Outcome;
  /** Why the run failed, all problems at once; empty where it did not. */
  problems: readonly Problem[];
  warnings: readonly Problem[];
  publish?: PublishInfo;
  /** Name of the page of the engine's own report below `report/native/`, once it is there. */
  nativeReport?: string;
  lifetime?: Lifetime;
  /** When somebody asked for the end of the load. */
  stopAskedAt?: string;
  /**
   * Why the load is being ended early, or was, though nobody asked for it: a spot notice, or the
   * end of the lifetime.
   */
  interruption?: Problem;
}>;

/** Whether the run has come to its end, good or bad; a bucket may still wait for some of it. */
export function isOver({ phase }: Pick<RunState, 'phase'>): boolean {
  return phase === 'finished' || phase === 'failed';
}

/**
 * Reads the state and hears of changes; cannot change it. `subscribe` gives back how to stop
 * hearing.
 */
export type RunStateReader = Readonly<{
  current(): RunState;
  subscribe(listener: (state: RunState) => void): () => void;
}>;
