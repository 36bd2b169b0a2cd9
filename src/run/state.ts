/** The state of a run, as `run.json` holds it and as the page and the API show it. Times: ISO 8601 UTC. */

import type { Identity } from '../boot/identity.ts';
import type { Change, LoadPhase, Outcome, Sampling } from '../engine/engine.ts';
import type { Problem } from '../errors.ts';
import type { ShownSetting } from '../user-data/settings.ts';

/** The phases in their order; `failed` can follow any of them, `idle` is where an instance without a scenario stays. */
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
  phases: readonly LoadPhase[];
  targets: readonly string[];
  changes: readonly Change[];
  sampling: Sampling;
  startedAt?: string;
  endedAt?: string;
}>;

/** How far publishing is. `whole`: the manifest is confirmed. `problem`: why it is not going on now; it is tried again. */
export type PublishInfo = Readonly<{
  to: string;
  objects: number;
  bytes: number;
  pending: number;
  whole: boolean;
  problem?: Problem;
  lastUploadAt?: string;
}>;

export type RunState = Readonly<{
  version: 1;
  onager: string;
  runId: string;
  phase: Phase;
  phases: readonly PhaseRecord[];
  awaiting?: Awaited;
  instance?: Identity;
  settings: readonly ShownSetting[];
  scenario?: ScenarioInfo;
  engine?: EngineInfo;
  outcome?: Outcome;
  /** Why the run failed, all problems at once; empty where it did not. */
  problems: readonly Problem[];
  warnings: readonly Problem[];
  publish?: PublishInfo;
  /** Name of the page of the engine's own report below `report/native/`, once it is there. */
  nativeReport?: string;
}>;

/** Reads the state and hears of changes; cannot change it. `subscribe` gives back how to stop hearing. */
export type RunStateReader = Readonly<{
  current(): RunState;
  subscribe(listener: (state: RunState) => void): () => void;
}>;
