/** The top of the page: which run, how it stands, and the verdict. */

import type { JSX } from 'preact';
import type { Problem } from '../errors.ts';
import type { GeneratorHealth, SloVerdict, Summary } from '../results/summary.ts';
import type { RunState } from '../run/state.ts';
import { clock, elapsed, percent, plural, span } from './format.ts';
import { Icon, Name, Prose, Time } from './parts.tsx';
import { phaseAt, phaseLabel } from './plan.ts';
import { PowerOff } from './power-off.tsx';
import { headlineOf } from './verdict.ts';

type Props = Readonly<{
  run: RunState;
  summary: Summary | undefined;
  nowMs: number;
  live: boolean;
}>;

export function Head({ run, summary, nowMs, live }: Props): JSX.Element {
  return (
    <>
      <Identity run={run} />
      <Verdict run={run} summary={summary} nowMs={nowMs} live={live} />
    </>
  );
}

function Identity({ run }: { run: RunState }): JSX.Element {
  const { scenario, engine, instance } = run;
  const startedAt = engine?.startedAt ?? run.phases[0]?.startedAt;
  return (
    <header class="identity">
      <h1>
        <Name text={scenario?.name ?? instance?.instanceId ?? 'Onager'} max={120} />
      </h1>
      <ul class="facts">
        {engine?.targets.slice(0, 3).map((target) => (
          <li key={target}>
            <span class="label">Aimed at</span> <Name text={target} max={120} />
          </li>
        ))}
        {engine !== undefined && engine.targets.length > 3 && (
          <li>and {plural(engine.targets.length - 3, 'more target')}</li>
        )}
        {instance !== undefined && (
          <li>
            <span class="label">From</span> <Name text={instance.instanceType} />
            {' in '}
            <Name text={instance.availabilityZone} />
          </li>
        )}
        {startedAt !== undefined && (
          <li>
            <span class="label">Started</span> <Time at={startedAt} />
          </li>
        )}
        {engine !== undefined && (
          <li>
            <span class="label">Engine</span> <Name text={`${engine.name} ${engine.version}`} />
          </li>
        )}
      </ul>
    </header>
  );
}

function Verdict({ run, summary, nowMs, live }: Props): JSX.Element {
  const { tone, title, sentence, problems } = headlineOf(run, summary);
  return (
    <div class={`verdict panel ${tone}`}>
      <div class="headline" role="status">
        <Icon name={tone} size={36} />
        <div>
          <p class="title">{title}</p>
          {sentence !== '' && (
            <p
              class={`sentence${tone === 'busy' && summary?.slo.verdict === 'fail' ? ' missing' : ''}`}
            >
              <Prose text={sentence} />
            </p>
          )}
        </div>
      </div>
      <Problems problems={problems} />
      {run.phase === 'running' && <Progress run={run} summary={summary} nowMs={nowMs} />}
      {summary !== undefined && <Rules slo={summary.slo} />}
      {summary !== undefined && <Generator health={summary.generator} />}
      <Interruption run={run} />
      <Publishing run={run} />
      <PowerOff run={run} nowMs={nowMs} live={live} />
      <Awaited run={run} nowMs={nowMs} />
      <Phases run={run} nowMs={nowMs} />
    </div>
  );
}

export function Problems({ problems }: { problems: readonly Problem[] }): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <ul class="problems">
      {problems.map(({ code, message, hint, where }) => (
        <li key={`${code} ${where} ${message}`}>
          <p>
            <Prose text={sentenceCase(message)} />
          </p>
          <p class="hint">
            <Prose text={sentenceCase(hint)} />
          </p>
          <p class="place">
            <code>{code}</code>
            {where !== undefined && (
              <>
                {' at '}
                <Name text={where} />
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Progress({ run, summary, nowMs }: Omit<Props, 'live'>): JSX.Element {
  const startedMs = summary?.loadStartedMs ?? Date.parse(run.engine?.startedAt ?? '');
  const doneMs = Number.isFinite(startedMs) ? Math.max(0, nowMs - startedMs) : 0;
  const plannedMs = run.engine?.plannedDurationMs;
  const phase = phaseAt(run.engine?.phases ?? [], doneMs);
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

function Rules({ slo }: { slo: SloVerdict }): JSX.Element | null {
  if (slo.rules.length === 0) return null;
  return (
    <ul class="rules">
      {slo.rules.map(({ rule, ok, measured }) => (
        <li key={rule}>
          <Icon name={ok ? 'pass' : 'fail'} />
          <span class="sr">{ok ? 'Kept:' : 'Missed:'}</span>
          <Name text={rule} max={120} />
          <b>{measured === undefined ? 'not measured' : <Name text={measured} max={40} />}</b>
        </li>
      ))}
    </ul>
  );
}

function Generator({ health }: { health: GeneratorHealth }): JSX.Element | null {
  if (health.verdict === 'unknown') return null;
  const suspect = health.verdict === 'suspect';
  const { cpuMeanPercent: mean, cpuMaxPercent: most } = health;
  const cpu =
    mean === undefined || most === undefined
      ? ''
      : ` Its CPU was ${percent(mean)} busy on average, ${percent(most)} at most.`;
  return (
    <div class={`generator ${health.verdict}`}>
      <Icon name={suspect ? 'warn' : 'pass'} />
      <p>
        <b>Generator {health.verdict}.</b>{' '}
        {suspect ? (
          <>
            These numbers may be the load generator's own, not the target's.{' '}
            <Prose text={`${health.reasons.map(sentenceCase).join('. ')}.`} />
          </>
        ) : (
          `This machine was not the bottleneck.${cpu}`
        )}
      </p>
    </div>
  );
}

/** Why the load is being ended although nobody asked; once the run is over the headline says it. */
function Interruption({ run }: { run: RunState }): JSX.Element | null {
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

function Publishing({ run }: { run: RunState }): JSX.Element | null {
  const problem = run.publish?.problem;
  if (problem === undefined) return null;
  return (
    <div class="generator suspect">
      <Icon name="warn" />
      <p>
        <b>Not everything is published.</b> <Prose text={`${sentenceCase(problem.message)}.`} />{' '}
        <Prose text={`${sentenceCase(problem.hint)}.`} /> It is tried again by itself.{' '}
        <code>{problem.code}</code>
      </p>
    </div>
  );
}

function Awaited({ run, nowMs }: { run: RunState; nowMs: number }): JSX.Element | null {
  const { awaiting } = run;
  // While the load runs its end is what is awaited, and the progress says more.
  if (awaiting === undefined || run.phase === 'running') return null;
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

function Phases({ run, nowMs }: { run: RunState; nowMs: number }): JSX.Element {
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

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
