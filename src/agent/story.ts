/** Takes a run through its phases. Each step first checks whether an earlier process did it. */

import { problemsOf } from '../errors.ts';
import { isThere } from '../files/files.ts';
import type { RunEnd } from '../run/load-end.ts';
import { outcomeWithoutLoad } from '../run/outcome.ts';
import { readResolved } from '../run/resolved.ts';
import { isOver } from '../run/state.ts';
import type { Settings } from '../settings/settings.ts';
import type { Versions } from './cluster/cluster.ts';
import { concludeRun } from './phases/reporting.ts';
import { fire, type MeasuredEnd } from './phases/running.ts';
import { stopEngine } from './phases/stop-engine.ts';
import { prepareRun } from './preparation.ts';
import { recallSettings, tellAgain } from './recall.ts';
import { type Run, whenResolved } from './run.ts';

/** Resolves when the run is over and published, or idle; rejects only if aborted. */
export async function tellStory(run: Run): Promise<void> {
  if (isOver(run.store.current())) {
    await rejoin(run);
    return await tellAgain(run);
  }
  let settings: Settings | undefined;
  const learn = (known: Settings): void => {
    settings = known;
    run.learn(known);
  };
  const ended = await untilEnded(run, learn);
  if (ended === 'idle') await run.store.enter({ phase: 'idle' });
  else await concludeRun(run, settings, ended);
}

async function untilEnded(run: Run, given: Run['learn']): Promise<MeasuredEnd | 'idle'> {
  let settings: Settings | undefined;
  const learn = (known: Settings): void => {
    settings = known;
    given(known);
  };
  const stopAsked = whenResolved(run.stopAsked);
  try {
    // An interruption or a request to stop ends the preparation too.
    const signal = AbortSignal.any([run.signal, run.interrupted, stopAsked]);
    const known = await readResolved(run.folder.resolvedJson);
    const { outcome } = run.store.current();
    if (known === undefined && outcome !== undefined) {
      const recalled = await recallSettings(run);
      if (recalled !== undefined) learn(recalled);
      return { end: { outcome } };
    }
    const resolved = known ?? (await prepareRun({ ...run, learn, signal }));
    if (resolved === 'idle') return 'idle';
    learn(resolved.settings);
    const link = await run.cluster.join(resolved.settings, versionsOf(run), signal);
    return await fire(run, resolved, link);
  } catch (error) {
    run.signal.throwIfAborted();
    run.cluster.fail(error, settings);
    // A run that has failed leaves no load behind.
    void stopEngine(run, run.signal);
    return { end: endByError(run, error) };
  }
}

function endByError({ folder, log, store }: Run, error: unknown): RunEnd {
  const hasFired = isThere(folder.firedJson);
  const outcome = outcomeWithoutLoad(store.current(), { hasFired });
  if (outcome !== undefined) return { outcome };
  const problems = problemsOf(error);
  log.error({ problems, err: error }, 'the run failed');
  return { problems, outcome: { kind: 'failed', problem: problems[0] } };
}

/** The leader may not have all files yet of a member whose agent was restarted at the end. */
async function rejoin(run: Run): Promise<void> {
  const { cluster } = run.store.current();
  const settings = (await readResolved(run.folder.resolvedJson))?.settings;
  if (cluster?.leader === undefined || settings === undefined) return;
  await run.cluster.join(settings, versionsOf(run), run.signal).catch((error: unknown) => {
    run.signal.throwIfAborted();
    run.log.error({ err: error }, 'the members are not reached any more');
  });
}

function versionsOf({ store }: Run): Versions {
  const { engine } = store.current();
  return { engine: `${engine?.name} ${engine?.version}`, runtime: engine?.runtime ?? '' };
}
