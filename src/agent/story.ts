/** The story of one run, phase by phase. Every step looks first whether an earlier process has done it. */

import { problemsOf } from '../errors.ts';
import { readSummary } from '../report/write.ts';
import type { Phase } from '../run/state.ts';
import type { Settings } from '../user-data/settings.ts';
import { concludeRun } from './conclude.ts';
import { fire } from './fire.ts';
import { interruptionOf } from './interruption.ts';
import { publishAll } from './publishing.ts';
import { receive } from './receive.ts';
import { readResolved } from './resolved.ts';
import type { Run } from './run.ts';

/** Ends when the run is finished, failed or idle, and published as far as asked for; rejects only when told to end. */
export async function tellStory(run: Run): Promise<void> {
  if (isOver(run.store.current().phase)) return await afterTheEnd(run);
  let settings: Settings | undefined;
  const learn = (known: Settings): void => {
    settings = known;
    run.learn(known);
  };
  try {
    // What is still on its way when the run is interrupted comes too late.
    const signal = AbortSignal.any([run.signal, run.interrupted]);
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
    const interruption = run.interrupted.aborted ? interruptionOf(run.store) : undefined;
    if (interruption !== undefined) {
      await run.store.note({ outcome: { kind: 'interrupted', problem: interruption } });
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

// An earlier process told the story to its end: its results are served, and what it could not publish is.
async function afterTheEnd(run: Run): Promise<void> {
  const { board, folder, store } = run;
  const summary = await readSummary(folder.summaryJson);
  if (summary !== undefined) board.full(summary, 'final');
  const settings = (await readResolved(folder.resolvedJson))?.settings;
  if (settings === undefined) return;
  run.learn(settings);
  if (settings.publish === undefined || store.current().publish?.whole === true) return;
  await publishAll(run, settings.publish, async () => {});
}

function isOver(phase: Phase): boolean {
  return phase === 'finished' || phase === 'failed';
}
