/** Turns a scenario into a Tsung plan: reads the entry file once, checks it, plans the run. */

import { isNotEmpty } from '../../errors.ts';
import type { LoadOverride } from '../../settings/settings.ts';
import type { LoadShare, Machine, Patience, Plan, Preparation, Scenario } from '../engine.ts';
import { checkScenario } from './check/check.ts';
import type { ScenarioReader } from './check/reader/ask.ts';
import type { Resolve } from './check/resolve.ts';
import { scenarioWarnings } from './check/warnings.ts';
import { compiledModules } from './run/erlang.ts';
import type { Install } from './run/install.ts';
import { createPlan } from './run/plan.ts';
import { measuredNames } from './scenario/measured-names.ts';
import { peakOf } from './scenario/peak.ts';
import { prepare } from './scenario/prepare.ts';
import { rewrite } from './scenario/rewrite.ts';
import { shortened } from './scenario/shorten.ts';
import { shareWarnings } from './share/warnings.ts';

export async function prepareScenario({
  install,
  scenario,
  machine,
  limits,
  resolve,
  reader,
  patience,
  load,
  share,
  signal,
}: Readonly<{
  install: Install;
  scenario: Scenario;
  machine: Machine;
  limits: Plan['limits'];
  resolve: Resolve;
  /** Absent: it is started when the scenario has been read. */
  reader?: ScenarioReader | undefined;
  patience?: Patience | undefined;
  load?: LoadOverride | undefined;
  share?: LoadShare | undefined;
  signal: AbortSignal;
}>): Promise<Preparation> {
  const asWritten = await prepare(scenario, install.dtd);
  // Further problems of a document that cannot be read would be guesses.
  if (isNotEmpty(asWritten.problems)) {
    return { problems: asWritten.problems, warnings: asWritten.warnings };
  }
  const prepared = load === undefined ? asWritten : shortened(asWritten, load);
  const rewritten = rewrite({ prepared, machine, dtd: install.dtd, share });
  const modules = await compiledModules(install, signal);
  const found = await checkScenario({
    ...{ install, modules, tlsVerify: machine.tlsVerify ?? false },
    ...{ prepared, rewritten, resolve, reader, patience, signal },
  });
  const warnings = [
    ...prepared.warnings,
    ...scenarioWarnings(prepared, install.version),
    ...(share === undefined ? [] : await shareWarnings(prepared, share)),
    ...found.warnings,
  ];
  const names = measuredNames(prepared.root, machine.samples, scenario.vars);
  if (isNotEmpty(found.problems)) return { problems: found.problems, warnings, names };
  const plan = createPlan({ install, prepared, rewritten, machine, modules, limits, share });
  return { plan, warnings, names, peak: peakOf(prepared.root) };
}
