/** summary.json, version 1: the state of a run and what was measured, as one document. Pure. */

import type { Identity } from '../aws/identity.ts';
import type { LoadPhase, Outcome } from '../engine/engine.ts';
import type { Problem } from '../errors.ts';
import { createCollector } from '../results/collect.ts';
import type { Measurements } from '../results/measurements.ts';
import type { ClusterInfo } from '../run/cluster-info.ts';
import type { EngineInfo, MachineInfo, Phase, RunState, ScenarioInfo } from '../run/state.ts';
import { exitCodeOf } from './exit-code.ts';

/** Times are ISO 8601 UTC unless they are named `…Ms`, which is Unix time. */
export type Summary = Readonly<
  {
    schema: 'onager.summary/1';
    /** False while the run goes on. */
    final: boolean;
    generatedAt: string;
    onager: string;
    run: Readonly<{
      id: string;
      phase: Phase;
      outcome?: Outcome;
      /** Of `onager report` and `onager rehearse`; there with `outcome`. */
      exitCode?: number;
      problems: readonly Problem[];
      warnings: readonly Problem[];
      plannedDurationMs?: number;
      plannedUsers?: number;
      /** When a user asked to stop the load. */
      stopAskedAt?: string;
    }>;
    instance?: Identity;
    machine?: MachineInfo;
    /** Absent where the load comes from one instance. */
    cluster?: ClusterInfo;
    scenario?: ScenarioInfo;
    engine?: EngineInfo;
    loadPhases: readonly LoadPhase[];
  } & Measurements
>;

/**
 * Without measurements (the run failed before its load) all counts are 0 and there is no verdict.
 */
export function summarize(
  state: RunState,
  measurements: Measurements | undefined,
  { final, now }: Readonly<{ final: boolean; now: Date }>,
): Summary {
  const { cluster, engine, instance, machine, scenario } = state;
  const { outcome, problems, stopAskedAt, warnings } = state;
  const { plannedDurationMs, plannedUsers } = engine ?? {};
  return {
    ...(measurements ?? nothing(state)),
    schema: 'onager.summary/1',
    final,
    generatedAt: now.toISOString(),
    onager: state.onager,
    run: {
      id: state.runId,
      phase: state.phase,
      ...(outcome === undefined
        ? {}
        : { outcome, exitCode: exitCodeOf(state, measurements?.slo.verdict) }),
      problems,
      warnings,
      ...(plannedDurationMs === undefined ? {} : { plannedDurationMs }),
      ...(plannedUsers === undefined ? {} : { plannedUsers }),
      ...(stopAskedAt === undefined ? {} : { stopAskedAt }),
    },
    ...(instance === undefined ? {} : { instance }),
    ...(machine === undefined ? {} : { machine }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(scenario === undefined ? {} : { scenario }),
    ...(engine === undefined ? {} : { engine }),
    loadPhases: engine?.loadPhases ?? [],
  };
}

function nothing({ engine }: RunState): Measurements {
  return createCollector({
    sampling: engine?.sampling ?? { requests: 'intervals' },
    slo: [],
    plan: { loadPhases: [] },
  }).full();
}
