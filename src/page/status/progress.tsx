/** How far the load is. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import type { RunState } from '../../run/state.ts';
import { elapsed, span } from '../format.ts';
import { Name } from '../ui.tsx';
import { phaseAt, phaseLabel } from './plan.ts';

export function Progress({
  run,
  summary,
  nowMs,
}: Readonly<{ run: RunState; summary: Summary | undefined; nowMs: number }>): JSX.Element {
  const startedMs = summary?.loadStartedMs ?? Date.parse(run.engine?.startedAt ?? '');
  const doneMs = Number.isFinite(startedMs) ? Math.max(0, nowMs - startedMs) : 0;
  const plannedMs = run.engine?.plannedDurationMs;
  const phase = phaseAt(run.engine?.loadPhases ?? [], doneMs);
  const over = plannedMs !== undefined && doneMs > plannedMs;
  return (
    <div class="progress">
      {plannedMs !== undefined && (
        <progress
          max={plannedMs}
          value={Math.min(doneMs, plannedMs)}
          aria-label="Progress of the load"
        />
      )}
      <p>
        <b>{elapsed(doneMs)}</b>
        {plannedMs !== undefined && <> of {elapsed(plannedMs)}</>}
        {phase !== undefined && (
          <>
            {' · '}
            <Name text={phaseLabel(phase.name)} max={60} />
          </>
        )}
        {plannedMs !== undefined && !over && (
          <span class="left">{span(plannedMs - doneMs)} left</span>
        )}
        {over && <span class="left">All users have arrived; the last ones are finishing</span>}
      </p>
    </div>
  );
}
