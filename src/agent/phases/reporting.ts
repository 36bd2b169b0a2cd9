/** The end of every run, good or bad: report, the engine's own report, publishing. */

import { engineOutput } from '../../engine/handover/exit-file.ts';
import { knownEngine } from '../../engine/registry.ts';
import { problemsOf } from '../../errors.ts';
import type { RunEnd } from '../../run/load-end.ts';
import { isOver } from '../../run/state.ts';
import { warn } from '../../run/warnings.ts';
import type { Settings } from '../../settings/settings.ts';
import { ownPublishing } from '../cluster/together.ts';
import { type Run, reach } from '../run.ts';
import { publishAll } from './publishing.ts';
import { writeReports } from './report-files.ts';
import type { MeasuredEnd } from './running.ts';

/** The engine's own report is optional: it may take this long, and may fail. */
const nativeReportMs = 15 * 60_000;
/** The same, if the machine may be gone in less than two minutes. */
const hurriedReportMs = 10_000;

/**
 * `settings` are absent if the run failed before they were known: then there is no place to publish
 * to.
 */
export async function concludeRun(
  run: Run,
  settings: Settings | undefined,
  { end, measurements }: MeasuredEnd,
): Promise<void> {
  await beginReporting(run, end);
  if (measurements !== undefined) run.results.full(measurements, 'final');
  await writeReports(run);
  const to = await ownPublishing(run, settings);
  // The files of a member that is led are in its leader's report.
  if (run.cluster.current()?.follower?.isLeaderLost() !== false) await nativeReport(run);
  if (to === undefined) {
    await finish(run, end);
  } else {
    await reach(run, { phase: 'publishing', outcome: end.outcome });
    // The files that the manifest lists must say how the run ended.
    await publishAll(run, to, () => finish(run, end));
  }
  const { outcome, phase, publish } = run.store.current();
  run.log.info({ outcome, phase, published: publish?.whole ?? false }, 'the run is over');
}

/** Keeps the phase if an earlier process of this run got further; the newer outcome counts. */
async function beginReporting({ log, store }: Run, end: RunEnd): Promise<void> {
  const state = store.current();
  const phase = state.phase === 'publishing' ? 'publishing' : 'reporting';
  if (state.phase !== phase) log.info({ phase }, 'phase');
  await store.enter({ ...end, phase });
}

async function finish(run: Run, { outcome }: RunEnd): Promise<void> {
  if (!isOver(run.store.current())) {
    await run.store.enter({ phase: outcome.kind === 'failed' ? 'failed' : 'finished', outcome });
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
