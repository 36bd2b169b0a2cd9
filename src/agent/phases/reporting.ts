/** The end of every run, good or bad: report, the engine's own report, publishing. */

import { engineOutput } from '../../engine/handover/exit-file.ts';
import { knownEngine } from '../../engine/registry.ts';
import { problemsOf } from '../../errors.ts';
import { isOver } from '../../run/state.ts';
import { warn } from '../../run/warnings.ts';
import type { Settings } from '../../settings/settings.ts';
import { type Run, reach } from '../run.ts';
import { publishAll } from './publishing.ts';
import { writeReports } from './report-files.ts';

/** The engine's own report is an extra: it may take this long, and may fail. */
const nativeReportMs = 15 * 60_000;
/** The same where the machine may be gone in less than two minutes. */
const hurriedReportMs = 10_000;

/**
 * `settings` are absent if the run failed before they were known: then there is nowhere to publish
 * to.
 */
export async function concludeRun(run: Run, settings: Settings | undefined): Promise<void> {
  await reach(run, 'reporting');
  await writeReports(run);
  await nativeReport(run);
  if (settings?.publish === undefined) {
    await end(run);
  } else {
    await reach(run, 'publishing');
    // What the manifest seals must say how it ended.
    await publishAll(run, settings.publish, () => end(run));
  }
  const { outcome, phase, publish } = run.store.current();
  run.log.info({ outcome, phase, published: publish?.whole ?? false }, 'the run is over');
}

async function end(run: Run): Promise<void> {
  const state = run.store.current();
  if (!isOver(state)) {
    await run.store.enter(state.outcome?.kind === 'failed' ? 'failed' : 'finished');
  }
  await writeReports(run);
}

async function nativeReport(run: Run): Promise<void> {
  const { folder, interrupted, log, signal, store } = run;
  const name = store.current().engine?.name;
  if (name === undefined || store.current().nativeReport !== undefined) return;
  const make = knownEngine(name).nativeReport;
  if (make === undefined) return;
  try {
    const limitMs = interrupted.aborted ? hurriedReportMs : nativeReportMs;
    if (store.current().phase === 'reporting') await nameReport(run, limitMs);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const page = await make(engineOutput(folder.engineDir), folder.nativeDir, limit);
    await store.note({ nativeReport: page });
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ err: error }, "the engine's own report could not be made");
    await warn(store, problemsOf(error));
  }
}

async function nameReport({ now, store }: Run, limitMs: number): Promise<void> {
  const since = now();
  const until = new Date(since.getTime() + limitMs).toISOString();
  const what = "the engine's own report";
  await store.note({ awaiting: { what, since: since.toISOString(), until } });
}
