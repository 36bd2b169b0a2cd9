/** From an unpacked scenario to a plan the engine can be started with; shared by the agent and by `onager check`. */

import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Change, Engine, Patience, Plan, Scenario } from '../../engine/engine.ts';
import { detectEngine } from '../../engine/registry.ts';
import { freeBytesAt } from '../../files/files.ts';
import { listFiles, readStart } from '../../scenario/folder.ts';
import type { Settings } from '../../settings/settings.ts';
import { throwIfAny } from './configuration.ts';

/** What must stay free on the disk for report and upload, however much the engine writes. */
const reservedBytes = 256 * 1024 ** 2;

export type Prepared = Readonly<{ engine: Engine; scenario: Scenario; plan: Plan }>;

/** @throws ProblemsError with everything that is wrong with the scenario, before any load */
export async function prepare(
  {
    scenarioDir,
    engineDir,
    settings,
    patience,
  }: { scenarioDir: string; engineDir: string; settings: Settings; patience?: Patience },
  signal: AbortSignal,
): Promise<Prepared> {
  const files = await listFiles(scenarioDir);
  const read = (file: string): Promise<Uint8Array> => readStart(join(scenarioDir, file));
  const { engine, entry } = await detectEngine(files, read, settings);
  const scenario = { dir: scenarioDir, files, entry, vars: settings.vars };
  const notes: Change[] = [];
  const onNote = (note: Change): number => notes.push(note);
  throwIfAny(await engine.check(scenario, { signal, onNote, ...(patience && { patience }) }));
  const host = {
    outputDir: engineDir,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    samples: settings.samples,
  };
  const plan = await engine.plan(scenario, host, {
    durationMs: settings.limits.durationMs,
    drainMs: settings.limits.drainMs,
    minFreeBytes: Math.min(reservedBytes, (await freeBytesAt(scenarioDir)) / 2),
  });
  return { engine, scenario, plan: { ...plan, changes: [...plan.changes, ...notes] } };
}
