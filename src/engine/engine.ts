/** The contract of an engine: all that the rest of Onager knows about it. */

import type { Problem } from '../errors.ts';
import type { LoadOverride } from '../settings/settings.ts';
import type { SampleBatch } from './samples.ts';

/**
 * An unpacked scenario: `dir` is absolute, `files` are relative to it with forward slashes, `entry`
 * is one of them.
 */
export type Scenario = Readonly<{
  dir: string;
  files: readonly string[];
  entry: string;
  vars: Readonly<Record<string, string>>;
  /** Those of `vars` that are set for every scenario, whether it uses them or not. */
  offeredVars?: readonly string[];
}>;

/** Returns the beginning of one of a scenario's files: enough to see what it is. */
export type ReadStart = (file: string) => Promise<Uint8Array>;

/**
 * A file that a scenario could start with. `sure`: it says itself what it is, or has the name that
 * only such a file has; `likely`: it may be one if no other is sure.
 */
export type Candidate = Readonly<{ entry: string; certainty: 'sure' | 'likely' }>;

/**
 * The load generator. `outputDir` is absolute and empty: the run folder's `engine/`. `samples`:
 * whether every request is measured; `rows`: the engine also writes a row for each. `names`: a
 * request whose URL holds a variable is named by the URL as it is written, or as it was sent.
 * `tlsVerify`: whether targets must have certificates that the machine trusts; no if absent.
 */
export type Machine = Readonly<{
  outputDir: string;
  cpus: number;
  memoryBytes: number;
  samples: boolean | 'rows';
  names: 'template' | 'url';
  tlsVerify?: boolean;
}>;

/** What a check waits for, and for how long at most. */
export type Waiting = Readonly<{ what: string; limitMs: number; lastAnswer?: string }>;

/**
 * How long to retry what may recover by itself, such as a resolver that is not up yet, and a
 * callback for all waits.
 */
export type Patience = Readonly<{
  patienceMs: number;
  onWaiting(waiting: Waiting): void;
}>;

/** What the adapter changed in the scenario or left out of it, and why. Shown in the report. */
export type Change = Readonly<{ what: string; why: string; where?: string }>;

/**
 * A stretch of the planned load, relative to the load's start. `arrivalRate` is in users per
 * second.
 * `users`: how many arrive in this stretch; absent where it is not known when they arrive.
 */
export type LoadPhase = Readonly<{
  name: string;
  startMs: number;
  durationMs: number;
  arrivalRate?: number;
  users?: number;
}>;

/**
 * The signal that asks the engine to end early. It is sent once and to the main process alone,
 * because many engines take a second one as an order to drop everything. `graceMs`: how long the
 * end may take. Only then are all of the engine's processes ended.
 */
type StopSignal = Readonly<{ signal: 'SIGINT' | 'SIGTERM'; graceMs: number }>;

/** A longer grace is refused: systemd and the agent do not wait longer for the end of a run. */
export const maxStopGraceMs = 180_000;

/** Everything the engine's supervisor needs, as plain data: it is handed over as `plan.json`. */
export type Plan = Readonly<{
  engine: string;
  /** The program and its arguments; the working folder is the scenario's. */
  argv: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Files to write before the claim: paths relative to the output folder. */
  files: readonly Readonly<{ path: string; content: string }>[];
  /**
   * How long new users are planned to arrive; those that still run at the end take longer. Absent:
   * not known.
   */
  plannedDurationMs?: number;
  plannedUsers?: number;
  loadPhases: readonly LoadPhase[];
  /** What the load is aimed at, as `host:port`. */
  targets: readonly string[];
  /** It may be aimed at others too, which only the run finds out: their hosts are variables. */
  hasOpenTargets?: boolean;
  changes: readonly Change[];
  /** What reading the output will be able to show. */
  sampling: Sampling;
  /** Absent: the engine is asked by `requestStop` alone, if at all. */
  stop?: StopSignal;
  /**
   * `drainMs`: how long users may still wait for an answer that does not come, after the planned
   * end. Absent: without limit.
   */
  limits: Readonly<{ durationMs: number; minFreeBytes: number; drainMs?: number }>;
}>;

/**
 * Where an engine writes: `dir` is the run folder's `engine/`. Which files an engine writes there,
 * and how many, only its own plan and `read` know. `read` may follow several and give their samples
 * in any order. `hasEnded` turns true once `exit.json` is there; `ended` is aborted then, for
 * readers that prefer an event to polling.
 */
export type EngineOutput = Readonly<{
  dir: string;
  hasEnded(): Promise<boolean>;
  ended?: AbortSignal;
}>;

/** How the engine's process ended, as `exit.json` says it. Times: ISO 8601 UTC. */
export type Exit = Readonly<{
  startedAt: string;
  endedAt: string;
  exitCode?: number;
  signal?: string;
  /** `ended`: by itself. The others say why its supervisor ended it. */
  reason:
    | 'ended'
    | 'stopped'
    | 'duration-limit'
    | 'disk-limit'
    | 'stalled'
    | 'drain-limit'
    | 'spawn-failed'
    | 'lost';
  /** Details, in a sentence. */
  detail?: string;
}>;

/**
 * How a run ended. `complete`: as planned. `cut`: at its planned or permitted duration. `stopped`:
 * on request. `interrupted`: by a kill, a reboot, a spot notice. `failed`: engine or
 * target, see the problem.
 */
export type Outcome = (
  | Readonly<{ kind: 'complete' | 'cut' | 'stopped' }>
  | Readonly<{ kind: 'interrupted'; problem: Problem }>
  | Readonly<{ kind: 'failed'; problem: Problem }>
) &
  Readonly<{ verdict?: ScenarioVerdict }>;

/**
 * What the scenario says of its own run, by thresholds or assertions that are written in it. A run
 * that came to its end is complete even where they failed. `message`: which failed, in words.
 */
export type ScenarioVerdict = Readonly<{ ok: boolean; message: string }>;

/** How much the engine reports about each request. */
export type Sampling = Readonly<{
  /**
   * `each`: every request is measured, by name. `overall`: durations of every request, but not by
   * name. `intervals`: sums only, no percentiles.
   */
  requests: 'each' | 'overall' | 'intervals';
  /** What requests are called where their own names are not known. */
  requestName?: string;
  /**
   * What the duration of a request covers. `total`: everything up to the last byte of the answer,
   * including the connection where the request opens one. `without-connect`: from the request's
   * first byte to the answer's last. `first-byte`: only until the answer begins. Absent: not known.
   */
  duration?: 'total' | 'without-connect' | 'first-byte';
  /** The smallest difference between two durations in the engine's output. Absent: not known. */
  resolutionUs?: number;
  note?: string;
}>;

/**
 * Asked every few seconds while the engine runs: why it will never end by itself, or undefined.
 * `awakeMs`: how long the supervisor has been awake and asking. The time in which the machine was
 * suspended, or gave it no processor, does not count.
 */
export type Stalled = (
  awakeMs: number,
) => Promise<Readonly<{ reason: 'stalled' | 'drain-limit'; detail: string }> | undefined>;

/**
 * Which part of the scenario's load this machine fires. `weights`: a whole number above 0 for each
 * member of the cluster; `index`: which of them this is. See deal.ts.
 */
export type LoadShare = Readonly<{ index: number; weights: readonly number[] }>;

export type PrepareOptions = Readonly<{
  signal: AbortSignal;
  /** Absent: all of it. */
  share?: LoadShare | undefined;
  load?: LoadOverride | undefined;
  /** For what may recover by itself. */
  patience?: Patience;
}>;

/**
 * What a scenario's transactions and requests are called in its results; `*` stands for what is
 * known only during the load.
 */
export type ScenarioNames = Readonly<Record<'transaction' | 'request', readonly string[]>>;

/** At most, at one time; `usersPerSecond` arrive then. */
export type PeakLoad = Readonly<{ usersPerSecond: number; requestsPerSecond: number }>;

/** What one core of this processor fired when it was measured, and with which versions. */
export type MeasuredCapacity = Readonly<{
  requestsPerSecond: number;
  date: string;
  cpu: string;
  engine: string;
  runtime: string;
}>;

/**
 * The result of preparing a scenario. `names`: absent if only the output tells them. `peak`: absent
 * where nobody has looked; `unknown`: why it is not known before the load. `problems`: everything
 * wrong with it, at least one. `warnings`: what its author may not intend; they never stop a run.
 */
export type Preparation = Readonly<{
  warnings: readonly Problem[];
  names?: ScenarioNames;
  peak?: PeakLoad | Readonly<{ unknown: string }>;
}> &
  (Readonly<{ problems: readonly [Problem, ...Problem[]] }> | Readonly<{ plan: Plan }>);

export type Engine = Readonly<{
  name: string;
  capacity?: MeasuredCapacity;
  /**
   * Which of these files a scenario of this engine could start with, by their names and by how they
   * begin. Empty: none of them.
   */
  detect(files: readonly string[], read: ReadStart): Promise<readonly Candidate[]>;
  /** Reads the scenario once, checks it without starting load, and plans its run. */
  prepare(
    scenario: Scenario,
    machine: Machine,
    limits: Plan['limits'],
    options: PrepareOptions,
  ): Promise<Preparation>;
  /**
   * Starts what a preparation needs whatever the scenario is; the signal ends it. The one
   * preparation that it gives is as good as `prepare`.
   */
  standBy?(signal: AbortSignal): Pick<Engine, 'prepare'>;
  /**
   * Version of the engine and of its runtime, as installed here; throws `ENGINE_MISSING` and
   * `ENGINE_BROKEN`.
   */
  version(signal: AbortSignal): Promise<Readonly<{ engine: string; runtime: string }>>;
  /**
   * Asks the running engine for an early end that keeps all its statistics, for engines that need
   * more than a signal. If the engine does not end, the plan's `stop` follows, if there is one.
   */
  requestStop?(plan: Plan, why: Exit['reason']): Promise<void>;
  /** Distinguishes an engine that will never end by itself from one that is at work. */
  stalled?(output: EngineOutput, plan: Plan): Stalled;
  /** Follows the output while it grows; ends when the engine has ended and it is read. */
  read(
    output: EngineOutput,
    plan: Pick<Plan, 'sampling'>,
    signal: AbortSignal,
  ): AsyncIterable<SampleBatch>;
  /** Never from the exit code alone. */
  outcome(output: EngineOutput, exit: Exit): Promise<Outcome>;
  /** What went wrong in a load that continued; called once the engine has ended. */
  warnings?(output: EngineOutput): Promise<readonly Problem[]>;
  /**
   * Creates the folder `into`, writes the engine's own HTML report there, and returns its page's
   * name.
   */
  nativeReport?(output: EngineOutput, into: string, signal: AbortSignal): Promise<string>;
}>;

/** What the supervisor needs of a running engine. */
export type Supervised = Pick<Engine, 'name' | 'requestStop' | 'stalled'>;
