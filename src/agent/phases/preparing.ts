/** The phase `preparing`: makes a plan for the engine from the unpacked scenario. */

import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Engine, Preparation, PrepareOptions, Scenario } from '../../engine/engine.ts';
import { detectEngine } from '../../engine/registry.ts';
import { freeBytesAt } from '../../files/files.ts';
import type { RunFolder } from '../../run/folder.ts';
import { listFiles, readStart } from '../../scenario/folder.ts';
import type { Settings } from '../../settings/settings.ts';

/** What must stay free on the disk for report and upload, however much the engine writes. */
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
  return { engine, scenario, preparation };
}
