/** The phase `preparing`: makes a plan for the engine from the unpacked scenario. */

import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Engine, Preparation, PrepareOptions, Scenario } from '../../engine/engine.ts';
import { detectEngine } from '../../engine/registry.ts';
import { isNotEmpty, type Problem } from '../../errors.ts';
import { freeBytesAt } from '../../files/files.ts';
import { redactValues } from '../../redact.ts';
import type { RunFolder } from '../../run/folder.ts';
import { listFiles, readStart } from '../../scenario/folder.ts';
import type { Settings } from '../../settings/settings.ts';
import { unknownNames } from '../../slo/names.ts';

/** The free disk space to keep for report and upload, however much the engine writes. */
const reservedBytes = 256 * 1024 ** 2;

export type PreparedScenario = Readonly<{
  engine: Engine;
  scenario: Scenario;
  preparation: Preparation;
}>;

/** @throws OnagerError: no engine or no entry; all other problems are in `preparation` */
export async function prepare(
  settings: Settings,
  { scenarioDir, engineDir }: Pick<RunFolder, 'scenarioDir' | 'engineDir'>,
  { offeredVars = [], ...options }: PrepareOptions & Pick<Scenario, 'offeredVars'>,
): Promise<PreparedScenario> {
  const files = await listFiles(scenarioDir);
  const read = (file: string): Promise<Uint8Array> => readStart(join(scenarioDir, file));
  const { engine, entry } = await detectEngine(files, read, settings);
  const scenario = { dir: scenarioDir, files, entry, vars: settings.vars, offeredVars };
  const machine = {
    outputDir: engineDir,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    samples: settings.samples,
    names: settings.names,
    tlsVerify: settings.tls.verify,
  };
  const limits = {
    durationMs: settings.limits.durationMs,
    drainMs: settings.limits.drainMs,
    minFreeBytes: Math.min(reservedBytes, (await freeBytesAt(scenarioDir)) / 2),
  };
  const preparation = await engine.prepare(scenario, machine, limits, {
    ...options,
    load: settings.load,
  });
  return {
    engine,
    scenario,
    preparation: withoutSecrets(withRules(preparation, settings), settings.vars),
  };
}

/** What is wrong or is changed is told with its text, and values of variables are in it. */
function withoutSecrets(preparation: Preparation, vars: Settings['vars']): Preparation {
  const shown = (problem: Problem): Problem => ({
    ...problem,
    message: redactValues(problem.message, vars),
    ...(problem.hint === undefined ? {} : { hint: redactValues(problem.hint, vars) }),
  });
  const warnings = preparation.warnings.map(shown);
  if ('plan' in preparation) {
    const changes = preparation.plan.changes.map((change) => ({
      ...change,
      what: redactValues(change.what, vars),
    }));
    return { ...preparation, plan: { ...preparation.plan, changes }, warnings };
  }
  const [first, ...others] = preparation.problems;
  return { ...preparation, problems: [shown(first), ...others.map(shown)], warnings };
}

/** Also finds rules about what the scenario does not have. */
function withRules(preparation: Preparation, { slo }: Pick<Settings, 'slo'>): Preparation {
  const { names } = preparation;
  if (names === undefined) return preparation;
  const found = unknownNames(slo, names);
  const warnings = [...preparation.warnings, ...found.warnings];
  const known = 'problems' in preparation ? preparation.problems : [];
  const problems = [...known, ...found.problems];
  return isNotEmpty(problems) ? { warnings, problems, names } : { ...preparation, warnings };
}
