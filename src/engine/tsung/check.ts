/** Everything that is wrong with a scenario, told before any load is sent. */

import type { Problem } from '../../errors.ts';
import type { Scenario } from '../engine.ts';
import { resolveFiles } from './file-references.ts';
import type { Install } from './install.ts';
import { prepare } from './prepare.ts';

export async function checkScenario(
  _install: Install,
  scenario: Scenario,
  _signal: AbortSignal,
): Promise<readonly Problem[]> {
  const prepared = await prepare(scenario);
  if (prepared.problems.length > 0) return prepared.problems;
  return resolveFiles(prepared).problems;
}
