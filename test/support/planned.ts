/** The plan of a scenario that is expected to have no problems. */

import type { Engine, Machine, Plan, Scenario } from '../../src/engine/engine.ts';
import { ProblemsError } from '../../src/errors.ts';

export async function planned(
  engine: Engine,
  scenario: Scenario,
  machine: Machine,
  limits: Plan['limits'],
): Promise<Plan> {
  const signal = AbortSignal.timeout(60_000);
  const preparation = await engine.prepare(scenario, machine, limits, { signal });
  if ('problems' in preparation) throw new ProblemsError(preparation.problems);
  return preparation.plan;
}
