/** The phases of the run, and how long each took. */

import type { JSX } from 'preact';
import type { RunState } from '../../run/state.ts';
import { clock, span } from '../format.ts';
import { Time } from '../ui.tsx';

export function Phases({ run, nowMs }: { run: RunState; nowMs: number }): JSX.Element {
  return (
    <ol class="phases" aria-label="Phases of the run">
      {run.phases.map(({ phase, startedAt, endedAt }, index) => {
        const current = index === run.phases.length - 1 && endedAt === undefined;
        const last = phase === 'finished' || phase === 'failed' || phase === 'idle';
        const end = endedAt ?? run.phases[index + 1]?.startedAt;
        const tookMs = (end === undefined ? nowMs : Date.parse(end)) - Date.parse(startedAt);
        return (
          <li
            key={`${phase} ${startedAt}`}
            class={phase === 'failed' ? 'failed' : undefined}
            aria-current={current && !last ? 'step' : undefined}
          >
            <span>{phase}</span>{' '}
            {last ? <Time at={startedAt} format={clock} /> : <b>{span(tookMs)}</b>}
          </li>
        );
      })}
    </ol>
  );
}
