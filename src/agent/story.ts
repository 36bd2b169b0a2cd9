/** The story of one run, phase by phase. Each step first checks if an earlier process did it. */

import { problemsOf } from '../errors.ts';
import { isThere } from '../files/files.ts';
import { outcomeWithoutLoad } from '../run/outcome.ts';
import { readResolved } from '../run/resolved.ts';
import { isOver } from '../run/state.ts';
import type { Settings } from '../settings/settings.ts';
import { concludeRun } from './phases/reporting.ts';
import { fire } from './phases/running.ts';
import { stopEngine } from './phases/stop-engine.ts';
import { prepareRun } from './preparation.ts';
import { tellAgain } from './recall.ts';
import { type Run, whenResolved } from './run.ts';

/** Ends when the run is over, or idle, and published if asked for; rejects only if aborted. */
export async function tellStory(run: Run): Promise<void> {
  if (isOver(run.store.current())) return await tellAgain(run);
  let settings: Settings | undefined;
  const learn = (known: Settings): void => {
    settings = known;
    run.learn(known);
  };
  const stopAsked = whenResolved(run.stopAsked);
  try {
    // An interruption, or a request to stop, ends the preparation too.
    const signal = AbortSignal.any([run.signal, run.interrupted, stopAsked]);
    const resolved =
      (await readResolved(run.folder.resolvedJson)) ??
      (await prepareRun({ ...run, learn, signal }));
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
