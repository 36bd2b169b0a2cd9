/** The state of a run and what was measured, as one document: summary.json. Pure. */

import { createCollector } from '../results/collect.ts';
import type { Measurements, Summary } from '../results/summary.ts';
import type { RunState } from '../run/state.ts';

/** Without measurements (the run failed before its load) all counts are 0 and there is no verdict. */
export function summarize(
  state: RunState,
  measurements: Measurements | undefined,
  { final, now }: Readonly<{ final: boolean; now: Date }>,
): Summary {
  const { engine, instance, machine, scenario, outcome, problems, stopAskedAt, warnings } = state;
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
      ...(outcome === undefined ? {} : { outcome }),
      problems,
      warnings,
      ...(plannedDurationMs === undefined ? {} : { plannedDurationMs }),
      ...(plannedUsers === undefined ? {} : { plannedUsers }),
      ...(stopAskedAt === undefined ? {} : { stopAskedAt }),
    },
    ...(instance === undefined ? {} : { instance }),
    ...(machine === undefined ? {} : { machine }),
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
