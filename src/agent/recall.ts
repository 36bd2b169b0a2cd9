/** Serves a run that ended in an earlier process, and publishes the rest of it. */

import { readPlan } from '../engine/handover/plan-file.ts';
import { isThere } from '../files/files.ts';
import { readFinalSummary } from '../report/write.ts';
import { copiedOutput } from '../results/members/copied-output.ts';
import { measure } from '../results/meter.ts';
import { type Resolved, readResolved } from '../run/resolved.ts';
import { isOver } from '../run/state.ts';
import { readScenarioSettings } from '../scenario/settings-file.ts';
import type { Settings } from '../settings/settings.ts';
import { ownPublishing } from './cluster/together.ts';
import { completeRunConfig, readRunConfig, readSources } from './phases/configuration.ts';
import { publishAll } from './phases/publishing.ts';
import { writeReports } from './phases/report-files.ts';
import type { Run } from './run.ts';

/** Loads the final results. Call it before the page can show that the run is over. */
export async function recallResults({
  results,
  folder,
  store,
}: Pick<Run, 'results' | 'folder' | 'store'>): Promise<void> {
  if (!isOver(store.current())) return;
  const summary = await readFinalSummary(folder.summaryJson);
  if (summary !== undefined) results.full(summary, 'final');
}

/** Serves the results of a run that is over, and publishes what an earlier process could not. */
export async function tellAgain(run: Run): Promise<void> {
  const { results, folder, store } = run;
  const resolved = await readResolved(folder.resolvedJson);
  const settings = resolved?.settings;
  if (settings !== undefined) run.learn(settings);
  if (results.measurements() === undefined && resolved !== undefined)
    await reportAgain(run, resolved);
  const publish = await ownPublishing(run, settings);
  if (publish === undefined || store.current().publish?.whole === true) return;
  await publishAll(run, publish, async () => {});
}

/**
 * The settings of a run that ended before it was prepared, as far as the process that ended it knew
 * them: they say where it is published. Nothing is fetched, unpacked or prepared again.
 */
export async function recallSettings(run: Run): Promise<Settings | undefined> {
  const { folder, log, signal } = run;
  let settings: Settings | undefined;
  try {
    const sources = await readSources(run, signal);
    const first = readRunConfig(sources);
    settings = first.settings;
    if (!isThere(folder.scenarioDir)) return settings;
    const text = await readScenarioSettings(folder.scenarioDir);
    return completeRunConfig(sources, first, text).settings;
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, 'not all settings of the run that has ended are known');
    return settings;
  }
}

// The report is a cache of the engine's files. If those cannot be read either, the page has no
// results.
async function reportAgain(run: Run, { engine, settings }: Resolved): Promise<void> {
  const { results, folder, log, signal, store } = run;
  try {
    const { cluster, engine: info } = store.current();
    const members = copiedOutput(cluster, folder.membersDir);
    const own = await readPlan(folder.planJson);
    const measurements = await measure({
      engine,
      engineDir: folder.engineDir,
      plan: members === undefined ? own : (info ?? own),
      slo: settings.slo,
      members,
      signal,
    });
    results.full(measurements, 'final');
  } catch (error) {
    signal.throwIfAborted();
    log.error({ err: error }, 'the run could not be measured again');
    return;
  }
  await writeReports(run);
}
