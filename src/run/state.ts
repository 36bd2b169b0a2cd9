/**
 * The state of a run, as `run.json` holds it and as the page and the API show it. Times: ISO 8601
 * UTC.
 */

import type { Identity } from '../aws/identity.ts';
import type { Change, LoadPhase, Outcome, Sampling } from '../engine/engine.ts';
import type { Problem } from '../errors.ts';
import type { Settings, ShownSetting } from '../settings/settings.ts';
import type { SloRule } from '../slo/rule.ts';
import type { ClusterInfo } from './cluster-info.ts';

/** The phases before the end of the run is known. */
export const phasesBeforeEnd = [
  'waiting',
  'fetching',
  'unpacking',
  'preparing',
  'gathering',
  'running',
] as const;

/** The phases after that. */
export const phasesFromEnd = ['reporting', 'publishing', 'finished'] as const;

/**
 * The phases in their order; `failed` can follow any of them, `idle` is where an instance without a
 * scenario stays.
 */
export const phases = [...phasesBeforeEnd, ...phasesFromEnd] as const;

export type Phase = (typeof phases)[number] | 'failed' | 'idle';

export type PhaseRecord = Readonly<{ phase: Phase; startedAt: string; endedAt?: string }>;

/** Something the run waits for. `until`: when it gives up; absent: it waits forever. */
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
 * How far publishing has got. `whole`: the manifest is confirmed. `problem`: why publishing is held
 * up; it is retried.
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

/** What limits the machine's lifetime, as far as it is known; kept for a restart. */
export type Lifecycle = Readonly<{
  /**
   * When the lifetime began. A machine that is stopped and started again has a new launch time, and
   * a new lifetime.
   */
  launchedAt: string;
  lifetimeMs: number;
  after: Settings['after'];
  /** Whether the run is over only once it is published. */
  publishes: boolean;
  /** By how much users have postponed the power-off, in total. */
  extendedMs: number;
  /** When the delay after the run ends; absent until it begins. */
  afterRunAt?: string;
}>;

/**
 * The next power-off: at the end of the lifetime, or of the delay after the run. `pretended`:
 * Onager must not power off this machine, as in a rehearsal. `extendable`: it can still be
 * postponed. `action` is what the settings ask for: a machine that powers itself off is terminated
 * only if it was launched with InstanceInitiatedShutdownBehavior=terminate, which is not visible
 * from inside; otherwise it is stopped.
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
  /** What both are computed from; absent until the instance is known. */
  lifecycle?: Lifecycle;
}>;

type BeforeEnd = Readonly<{
  phase: (typeof phasesBeforeEnd)[number] | 'idle';
  outcome?: never;
}>;
type FromEnd = Readonly<{ phase: (typeof phasesFromEnd)[number]; outcome: Outcome }>;

/** Where the run is, and how it ended. */
export type Stage = BeforeEnd | FromEnd | Readonly<{ phase: 'failed'; outcome?: Outcome }>;

/** Everything else that is known about a run. */
export type RunFacts = Readonly<{
  version: 1;
  onager: string;
  runId: string;
  phases: readonly PhaseRecord[];
  awaiting?: Awaited;
  instance?: Identity;
  machine?: MachineInfo;
  /** Absent where the load comes from one instance. */
  cluster?: ClusterInfo;
  settings: readonly ShownSetting[];
  /** The objectives in force, for whoever measures again; once there is a plan. */
  slo?: readonly SloRule[];
  scenario?: ScenarioInfo;
  engine?: EngineInfo;
  /** Why the run failed: all problems at once. Empty if it did not fail. */
  problems: readonly Problem[];
  warnings: readonly Problem[];
  publish?: PublishInfo;
  /** The page of the engine's own report, below `report/native/`; absent until it is written. */
  nativeReport?: string;
  lifetime?: Lifetime;
  /** When a user asked to stop the load. */
  stopAskedAt?: string;
  /**
   * Why the load is ended early, or was, although no user asked for it: a spot notice, or the end
   * of the lifetime.
   */
  interruption?: Problem;
}>;

export type RunState = Stage & RunFacts;

/** The state of a run whose end is known. */
export type EndedRun = FromEnd & RunFacts;

/** Whether the run is over, successful or not; its upload may still be going on. */
export function isOver({ phase }: Pick<RunState, 'phase'>): boolean {
  return phase === 'finished' || phase === 'failed';
}

/**
 * Read access to the state, with notification of changes. `subscribe` returns a function that
 * unsubscribes.
 */
export type RunStateReader = Readonly<{
  current(): RunState;
  subscribe(listener: (state: RunState) => void): () => void;
}>;
