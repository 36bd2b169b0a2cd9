/** How the run stands: progress, rules, the generator, what is awaited, the phases. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import type { GeneratorHealth } from '../../results/measurements.ts';
import { isOver, type RunState } from '../../run/state.ts';
import type { SloResult, SloVerdict } from '../../slo/result.ts';
import { clock, elapsed, percent, span } from '../format.ts';
import { sentenceCase } from '../text.ts';
import { Icon, Name, Prose, Time } from '../ui.tsx';
import { phaseAt, phaseLabel } from './plan.ts';
import { measuredValue } from './verdict.ts';

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

export function Rules({ slo }: { slo: SloVerdict }): JSX.Element | null {
  if (slo.rules.length === 0) return null;
  return (
    <ul class="rules">
      {slo.rules.map((result) => (
        <li key={result.rule.text}>
          <Icon name={result.ok ? 'pass' : 'fail'} />
          <span class="sr">{result.ok ? 'Kept:' : 'Missed:'}</span>
          <Name text={result.rule.text} max={120} />
          <MeasuredOf result={result} />
        </li>
      ))}
    </ul>
  );
}

function MeasuredOf({ result }: { result: SloResult }): JSX.Element {
  const { worstAtMs } = result;
  const measured = measuredValue(result);
  if (measured === undefined) return <b>not measured</b>;
  return (
    <b>
      {measured}
      {worstAtMs !== undefined && (
        <span class="at">
          {' at '}
          <Time at={worstAtMs} format={clock} />
        </span>
      )}
    </b>
  );
}

const doubts: Partial<Record<GeneratorHealth['verdict'], string>> = {
  strained: 'Its own delays may be in these numbers.',
  suspect: 'These numbers may be its own, not those of the target.',
  unknown: 'Nothing was recorded of the machine that fired.',
};

export function Generator({
  health,
  final,
}: Readonly<{ health: GeneratorHealth; final: boolean }>): JSX.Element | null {
  const { verdict, reasons, cpuMeanPercent: mean, cpuMaxPercent: most } = health;
  // Of a load that has just begun nothing can be known yet.
  if (verdict === 'unknown' && !final) return null;
  const doubt = doubts[verdict];
  const cpu =
    mean === undefined || most === undefined
      ? []
      : [`its CPU was ${percent(mean)} busy on average, ${percent(most)} at most`];
  const known = doubt === undefined ? cpu : reasons;
  return (
    <div class={`generator ${verdict}`}>
      <Icon name={doubt === undefined ? 'pass' : 'warn'} />
      <p>
        <b>Generator {verdict}.</b> {doubt}{' '}
        <Prose text={unbroken(known.map((each) => `${sentenceCase(each)}.`).join(' '))} />
      </p>
    </div>
  );
}

/** No line ends between a figure and its unit. */
function unbroken(text: string): string {
  return text.replace(/(\d) (?=%|s\b)/g, '$1\u00a0');
}

/** Why the load is being ended although nobody asked; once the run is over the headline says it. */
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
        <b>{whole ? 'Published, but not verified.' : 'Not everything is published.'}</b>{' '}
        <Prose text={`${sentenceCase(problem.message)}.`} />{' '}
        <Prose text={`${sentenceCase(problem.hint)}.`} />{' '}
        {whole ? '' : 'It is tried again by itself. '}
        <code>{problem.code}</code>
      </p>
    </div>
  );
}

export function Awaited({ run, nowMs }: { run: RunState; nowMs: number }): JSX.Element | null {
  const { awaiting } = run;
  if (awaiting === undefined) return null;
  // While the load runs in its time its end is what is awaited, and the progress says more.
  if (run.phase === 'running' && awaiting.until !== undefined) return null;
  return (
    <div class="awaited">
      <p>
        Waiting for <Name text={awaiting.what} max={200} />, for{' '}
        <b>{span(nowMs - Date.parse(awaiting.since))}</b> so far.{' '}
        {awaiting.until === undefined ? (
          'It is waited for as long as it takes.'
        ) : (
          <>
            It gives up at <Time at={awaiting.until} format={clock} />.
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

export function Phases({ run, nowMs }: { run: RunState; nowMs: number }): JSX.Element {
  return (
    <ol class="phases" aria-label="Phases of the run">
      {run.phases.map(({ phase, startedAt, endedAt }, index) => {
        const current = index === run.phases.length - 1 && endedAt === undefined;
        const last = isOver({ phase }) || phase === 'idle';
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
