/** What keeps a run from going as planned: an interruption, a wait, a bucket that rejects files. */

import type { JSX } from 'preact';
import type { RunState } from '../../run/state.ts';
import { sentenceCase } from '../../text.ts';
import { clock, span } from '../format.ts';
import { Icon, Name, Prose, Time } from '../ui.tsx';

/** Why the load is being stopped without a request; after the run, the headline says so. */
export function Interruption({ run }: { run: RunState }): JSX.Element | null {
  const { interruption } = run;
  if (interruption === undefined || run.outcome !== undefined) return null;
  return (
    <div class="generator suspect" role="alert">
      <Icon name="warn" />
      <p>
        <b>The load is being ended early.</b>{' '}
        <Prose text={`${sentenceCase(interruption.message)}.`} /> Everything measured is kept.
      </p>
    </div>
  );
}

export function Publishing({ run }: { run: RunState }): JSX.Element | null {
  const { problem, whole = false } = run.publish ?? {};
  if (problem === undefined) return null;
  return (
    <div class="generator suspect">
      <Icon name="warn" />
      <p>
        <b>{whole ? 'Published, but not verified.' : 'Not everything is published yet.'}</b>{' '}
        <Prose text={`${sentenceCase(problem.message)}.`} />{' '}
        <Prose text={`${sentenceCase(problem.hint)}.`} /> {whole ? '' : 'Onager keeps trying. '}
        <code>{problem.code}</code>
      </p>
    </div>
  );
}

export function Awaited({ run, nowMs }: { run: RunState; nowMs: number }): JSX.Element | null {
  const { awaiting } = run;
  if (awaiting === undefined || (run.phase === 'gathering' && run.cluster !== undefined))
    return null;
  // Within its planned time a load is only awaiting its end, and the progress bar says more.
  if (run.phase === 'running' && awaiting.until !== undefined) return null;
  return (
    <div class="awaited">
      <p>
        Waiting for <Name text={awaiting.what} max={200} />, for{' '}
        <b>{span(nowMs - Date.parse(awaiting.since))}</b> so far.{' '}
        {awaiting.until === undefined ? (
          'There is no time limit.'
        ) : (
          <>
            Onager gives up at <Time at={awaiting.until} format={clock} />.
          </>
        )}
      </p>
      {awaiting.lastAnswer !== undefined && (
        <p class="hint">
          Last answer: <Prose text={awaiting.lastAnswer} />
        </p>
      )}
    </div>
  );
}
