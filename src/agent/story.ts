/** The story of one run, phase by phase. Every step looks first whether an earlier process has done it. */

import { readPlan } from '../engine/handover/plan-file.ts';
import { problemsOf } from '../errors.ts';
import { isThere } from '../files/files.ts';
import { readFinalSummary } from '../report/write.ts';
import { measure } from '../results/meter.ts';
import { outcomeWithoutLoad } from '../run/outcome.ts';
import { type Resolved, readResolved } from '../run/resolved.ts';
import type { Phase } from '../run/state.ts';
import type { Settings } from '../settings/settings.ts';
import { publishAll } from './phases/publishing.ts';
import { receive } from './phases/receive.ts';
import { writeReports } from './phases/report-files.ts';
import { concludeRun } from './phases/reporting.ts';
import { fire } from './phases/running.ts';
import { stopEngine } from './phases/stop-engine.ts';
import { type Run, whenResolved } from './run.ts';

/** Ends when the run is finished, failed or idle, and published as far as asked for; rejects only when told to end. */
export async function tellStory(run: Run): Promise<void> {
  if (isOver(run.store.current().phase)) return await afterTheEnd(run);
  let settings: Settings | undefined;
  const learn = (known: Settings): void => {
    settings = known;
    run.learn(known);
  };
  const stopAsked = whenResolved(run.stopAsked);
  try {
    // What is still on its way when the run is interrupted, or its end is asked for, comes too late.
    const signal = AbortSignal.any([run.signal, run.interrupted, stopAsked]);
    const resolved =
      (await readResolved(run.folder.resolvedJson)) ?? (await receive({ ...run, learn, signal }));
    if (resolved === 'idle') {
      await run.store.enter('idle');
      return;
    }
    learn(resolved.settings);
    await fire(run, resolved);
  } catch (error) {
    run.signal.throwIfAborted();
    // A run that has failed leaves no load behind.
    void stopEngine(run, run.signal);
    const hasFired = isThere(run.folder.firedJson);
    const outcome = outcomeWithoutLoad(run.store.current(), { hasFired });
    if (outcome !== undefined) {
      await run.store.note({ outcome });
      return await concludeRun(run, settings);
    }
    const problems = problemsOf(error);
    run.log.error({ problems, err: error }, 'the run failed');
    const [problem] = problems;
    if (problem !== undefined) {
      await run.store.note({ problems, outcome: { kind: 'failed', problem } });
    }
  }
  await concludeRun(run, settings);
}

/** The results of a run that an earlier process told to its end: to be there before anybody hears that it is over. */
export async function recallResults({
  results,
  folder,
  store,
}: Pick<Run, 'results' | 'folder' | 'store'>): Promise<void> {
  if (!isOver(store.current().phase)) return;
  const summary = await readFinalSummary(folder.summaryJson);
  if (summary !== undefined) results.full(summary, 'final');
}

// An earlier process told the story to its end: its results are served, and what it could not publish is.
async function afterTheEnd(run: Run): Promise<void> {
  const { results, folder, store } = run;
  const resolved = await readResolved(folder.resolvedJson);
  const settings = resolved?.settings;
  if (settings !== undefined) run.learn(settings);
  if (results.measurements() === undefined && resolved !== undefined)
    await reportAgain(run, resolved);
  if (settings === undefined) return;
  if (settings.publish === undefined || store.current().publish?.whole === true) return;
  await publishAll(run, settings.publish, async () => {});
}

// The report is a cache of the engine's files. What is wrong with those as well is no reason not to serve the rest.
async function reportAgain(run: Run, { engine, settings }: Resolved): Promise<void> {
  const { results, folder, log, signal } = run;
  try {
    const plan = await readPlan(folder.planJson);
    const { engineDir } = folder;
    const measurements = await measure({ engine, engineDir, plan, slo: settings.slo, signal });
    results.full(measurements, 'final');
  } catch (error) {
    signal.throwIfAborted();
    log.error({ err: error }, 'the run could not be measured again');
    return;
  }
  await writeReports(run);
}

function isOver(phase: Phase): boolean {
  return phase === 'finished' || phase === 'failed';
}
