/** The phase `running`: starts the engine, or finds it running, and follows it to its end. */

import { mkdir } from 'node:fs/promises';
import type { Exit, Outcome, Plan } from '../../engine/engine.ts';
import { engineOutput } from '../../engine/handover/exit-file.ts';
import { readPlan } from '../../engine/handover/plan-file.ts';
import { identify } from '../../engine/processes.ts';
import { OnagerError } from '../../errors.ts';
import { writeSummary } from '../../report/write.ts';
import type { Measurements } from '../../results/measurements.ts';
import { measure, startMeter } from '../../results/meter.ts';
import { type LoadEnd, type RunEnd, readLoadEnd, withLoadEnd } from '../../run/load-end.ts';
import { unlessNothingFired } from '../../run/nothing-fired.ts';
import { outcomeWithoutLoad } from '../../run/outcome.ts';
import type { Resolved } from '../../run/resolved.ts';
import type { ClusterLink } from '../cluster/cluster.ts';
import { endOfAll } from '../cluster/end-of-all.ts';
import { membersToMeasure, nameUnfinished, startTogether } from '../cluster/together.ts';
import { aborted, type Run, reach, whenResolved } from '../run.ts';
import { nameEnd } from './awaited-end.ts';
import { untilEnded } from './engine-end.ts';
import { noteIsolation } from './isolation-warning.ts';
import { publishLive } from './publishing.ts';
import { stopEngine } from './stop-engine.ts';

/** How a run ended, and the measurements of its load, if there was one. */
export type MeasuredEnd = Readonly<{ end: RunEnd; measurements?: Measurements }>;

/** Resolves when the engine has ended and all its output is measured. */
export async function fire(
  run: Run,
  resolved: Resolved,
  link: ClusterLink | undefined,
): Promise<MeasuredEnd> {
  const { folder, store, signal } = run;
  const plan = await readPlan(folder.planJson);
  const unfired = await fireIfDue(run, link);
  if (unfired !== undefined) return { end: { outcome: unfired } };
  await reach(run, { phase: 'running' });
  const asked = Promise.race([run.stopAsked, aborted(run.interrupted)]);
  const over = new AbortController();
  const untilOver = AbortSignal.any([over.signal, signal]);
  void nameEnd(run, plan, { asked, signal: untilOver });
  void asked.then(() => stopEngine(run, untilOver));
  const ended = untilEnded(run, { limits: plan.limits, asked });
  const measured = measureRun(run, { resolved, plan, ended, link });
  measured.catch(() => {});
  void run.cluster.hearSiblings(resolved.settings, untilOver);
  const isolated = run.provesIsolation ? noteIsolation(run, untilOver) : undefined;
  // The leader publishes what the others have measured, too.
  const isLed = link?.follower !== undefined;
  const live = isLed ? undefined : publishLive(run, resolved.settings, untilOver);
  let loadEnd: LoadEnd;
  let measurements: Measurements;
  try {
    loadEnd = await readEnd(run, resolved.engine, await ended);
    link?.ended(loadEnd.outcome);
    if (link !== undefined) void nameUnfinished(run, link, untilOver);
    measurements = await measured;
    if (link !== undefined) loadEnd = await endOfAll(loadEnd, resolved.engine, link);
  } finally {
    over.abort();
    await live;
    await isolated;
  }
  const { engine } = store.current();
  const end = unlessNothingFired(loadEnd, engine ?? plan, measurements.totals);
  return { end: withLoadEnd(store.current(), end), measurements };
}

/** Fires unless an earlier process has. Returns the outcome of a run that does not fire. */
async function fireIfDue(run: Run, link: ClusterLink | undefined): Promise<Outcome | undefined> {
  const { folder, launcher, store } = run;
  if ((await launcher.status(folder.engineDir)) !== 'not-fired') return undefined;
  refuseSecondShot(run);
  // An earlier process has already reported how the run ended.
  const known = store.current().outcome ?? outcomeUnfired(run);
  if (known !== undefined) return known;
  if (link !== undefined) await startTogether(run, link);
  if ((await start(run)) === 'fired') return undefined;
  return outcomeUnfired(run) ?? { kind: 'stopped' };
}

/**
 * Waits, without a time limit, until the engine is fired, the start is withdrawn, or the launcher
 * gives up.
 */
async function start(run: Run): Promise<'fired' | 'withdrawn'> {
  const { folder, interrupted, launcher, log, now, signal, stopAsked, store } = run;
  const awaiting = { what: 'the start of the engine', since: now().toISOString() };
  void store.note({ awaiting });
  return await launcher.start(folder.planJson, {
    signal,
    withdrawn: AbortSignal.any([interrupted, whenResolved(stopAsked)]),
    onFailure(lastAnswer) {
      log.warn({ lastAnswer }, 'the engine does not start; trying again');
      void store.note({ awaiting: { ...awaiting, lastAnswer } });
    },
  });
}

/**
 * A run that is `running`, or whose load has ended, was fired. If the claim is gone, the engine has
 * removed it.
 */
function refuseSecondShot({ folder, store }: Run): void {
  const { engine, phase } = store.current();
  if (phase !== 'running' && engine?.endedAt === undefined) return;
  throw new OnagerError('ENGINE_ALREADY_FIRED', `${folder.firedJson} existed, and is gone`, {
    hint: 'the scenario, or a program that it runs, removed it; a scenario is fired once',
  });
}

async function readEnd({ folder, store }: Run, engineName: string, exit: Exit): Promise<LoadEnd> {
  const { engineDir } = folder;
  const bootId = identify(process.pid)?.bootId;
  return await readLoadEnd(store.current(), { engineName, engineDir, exit, bootId });
}

// The meter's figures are a cache of the engine's files: if it fails, the files are read again
// after the engine has ended.
async function measureRun(
  run: Run,
  {
    resolved: { engine, settings },
    plan,
    ended,
    link,
  }: Readonly<{
    resolved: Resolved;
    plan: Plan;
    ended: Promise<Exit>;
    link: ClusterLink | undefined;
  }>,
): Promise<Measurements> {
  const { results, folder, log, signal } = run;
  let writing: Promise<void> = Promise.resolve();
  const source = {
    engine,
    engineDir: folder.engineDir,
    plan,
    slo: settings.slo,
    signal,
    ...membersToMeasure(run, link),
  };
  try {
    const meter = startMeter({
      ...source,
      endIsTold: true,
      onTick: (tick) => results.tick(tick),
      onFull: (measurements) => {
        results.full(measurements, 'live');
        writing = writing.then(() => writeLiveSummary(run));
      },
    });
    // Without an exit.json, for which a full disk has no room, the meter would wait forever.
    const tell = async (): Promise<void> => {
      if (await engineOutput(folder.engineDir).hasEnded()) meter.ended();
      else await meter.close();
    };
    ended.then(tell, meter.close).catch(() => {});
    const measurements = await meter.done;
    await writing;
    return measurements;
  } catch (error) {
    signal.throwIfAborted();
    log.error({ err: error }, 'measuring failed; the files are read again at the end');
    await ended;
    return await measure(source);
  }
}

// The bucket shows this during the run, and keeps it if the machine disappears.
async function writeLiveSummary({ results, folder, log }: Run): Promise<void> {
  const summary = results.summary();
  if (summary === undefined) return;
  try {
    await mkdir(folder.reportDir, { recursive: true });
    await writeSummary(folder.summaryJson, summary);
  } catch (error) {
    log.warn({ err: error }, 'summary.json could not be refreshed');
  }
}

/** The outcome if the run was stopped or interrupted before the engine was fired. */
function outcomeUnfired({ store }: Run): Outcome | undefined {
  return outcomeWithoutLoad(store.current(), { hasFired: false });
}
