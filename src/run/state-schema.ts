/** Parses run.json. Another version of Onager may have written it, so unknown fields are kept. */

import type { Identity } from '../aws/identity.ts';
import type { Outcome, ScenarioVerdict } from '../engine/engine.ts';
import { changeSchema, loadPhaseSchema, samplingSchema } from '../engine/plan-parts.ts';
import {
  absent,
  amount,
  byField,
  either,
  list,
  number,
  object,
  oneOf,
  parseWithSchema,
  type Schema,
  text,
  time,
  truth,
} from '../schema.ts';
import type { ShownSetting } from '../settings/settings.ts';
import { sloRuleSchema } from '../slo/rule-schema.ts';
import type { ClusterInfo } from './cluster-info.ts';
import type { ClusterMember } from './cluster-member.ts';
import { problem } from './problem-schema.ts';
import {
  type Awaited,
  type EngineInfo,
  type Lifecycle,
  type Lifetime,
  type MachineInfo,
  type Phase,
  type PhaseRecord,
  type PowerOffInfo,
  type PublishInfo,
  phases,
  phasesBeforeEnd,
  phasesFromEnd,
  type RunState,
  type ScenarioInfo,
} from './state.ts';

/** Throws a SyntaxError that says what is wrong with it. */
export function parseRunState(json: string): RunState {
  return parseWithSchema(runState, json, { unknownFields: 'kept' });
}

const phase: Schema<Phase> = oneOf(...phases, 'failed', 'idle');

const phaseRecord: Schema<PhaseRecord> = object({ phase, startedAt: time }, { endedAt: time });

const awaited: Schema<Awaited> = object(
  { what: text(), since: time },
  { until: time, lastAnswer: text() },
);

const instance: Schema<Identity> = object(
  {
    instanceId: text(),
    launchedAt: time,
    imageId: text(),
    instanceType: text(),
    architecture: text(),
    region: text(),
    availabilityZone: text(),
    launchIndex: number(),
  },
  {
    accountId: text(),
    reservationId: text(),
    lifeCycle: text(),
    privateIp: text(),
    publicIp: text(),
    publicHostname: text(),
  },
);

const machine: Schema<MachineInfo> = object({ kernel: text(), cpus: amount, memoryBytes: amount });

const member: Schema<ClusterMember> = object(
  {
    instanceId: text(),
    launchIndex: amount,
    address: text(),
    page: text(),
    cpus: amount,
    state: oneOf('gathered', 'ready', 'running', 'ended', 'failed', 'silent', 'lost'),
  },
  {
    share: amount,
    clockOffsetMs: number(),
    silentSince: time,
    outcome: oneOf('complete', 'cut', 'stopped', 'interrupted', 'failed'),
  },
);

const cluster: Schema<ClusterInfo> = object(
  { id: text(), size: amount, quorum: amount, self: text(), members: list(member) },
  { leader: text(), count: amount },
);

const shownSetting: Schema<ShownSetting> = object({ key: text(), value: text(), source: text() });

export const scenarioSchema: Schema<ScenarioInfo> = object(
  { name: text(), form: text(), sha256: text(), bytes: amount, files: amount },
  { entry: text() },
);

const engine: Schema<EngineInfo> = object(
  {
    name: text(),
    version: text(),
    runtime: text(),
    loadPhases: list(loadPhaseSchema),
    targets: list(text()),
    changes: list(changeSchema),
    sampling: samplingSchema,
  },
  { plannedDurationMs: amount, plannedUsers: amount, startedAt: time, endedAt: time },
);

const verdict: Schema<ScenarioVerdict> = object({ ok: truth, message: text() });

const outcome: Schema<Outcome> = either(
  'an outcome',
  object({ kind: oneOf('complete', 'cut', 'stopped') }, { verdict }),
  object({ kind: oneOf('interrupted', 'failed'), problem }, { verdict }),
);

const publish: Schema<PublishInfo> = object(
  { to: text(), objects: amount, bytes: amount, pending: amount, whole: truth },
  { problem, lastUploadAt: time },
);

const lifecycle: Schema<Lifecycle> = object(
  {
    launchedAt: time,
    lifetimeMs: amount,
    after: object({ action: oneOf('serve', 'stop', 'terminate'), delayMs: amount }),
    publishes: truth,
    extendedMs: number(),
  },
  { afterRunAt: time },
);

const powerOff: Schema<PowerOffInfo> = object({
  at: time,
  reason: oneOf('lifetime', 'after-run'),
  action: oneOf('stop', 'terminate'),
  pretended: truth,
  extendable: truth,
});

const lifetime: Schema<Lifetime> = object({ endsAt: time, powerOff }, { lifecycle });

/** The schemas of those parts that a summary holds too. */
export const stateParts = {
  cluster,
  engine,
  instance,
  machine,
  outcome,
  phase,
  problem,
  scenario: scenarioSchema,
};

const always = {
  version: oneOf(1),
  onager: text(),
  runId: text(),
  phases: list(phaseRecord),
  settings: list(shownSetting),
  problems: list(problem),
  warnings: list(problem),
};

const sometimes = {
  awaiting: awaited,
  instance,
  machine,
  cluster,
  slo: list(sloRuleSchema),
  scenario: scenarioSchema,
  engine,
  publish,
  nativeReport: text(),
  lifetime,
  stopAskedAt: time,
  interruption: problem,
};

const beforeEnd = object(
  { ...always, phase: oneOf(...phasesBeforeEnd, 'idle') },
  { ...sometimes, outcome: absent },
);
const fromEnd = object({ ...always, phase: oneOf(...phasesFromEnd), outcome }, sometimes);
const failed = object({ ...always, phase: oneOf('failed') }, { ...sometimes, outcome });

const runState: Schema<RunState> = byField('phase', {
  waiting: beforeEnd,
  fetching: beforeEnd,
  unpacking: beforeEnd,
  preparing: beforeEnd,
  gathering: beforeEnd,
  running: beforeEnd,
  idle: beforeEnd,
  reporting: fromEnd,
  publishing: fromEnd,
  finished: fromEnd,
  failed,
} satisfies Record<Phase, Schema<RunState>>);
