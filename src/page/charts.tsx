/** The run over time. */

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Series, Summary } from '../results/summary.ts';
import { Chart, type Line, type Timeline, type Zoom } from './chart.tsx';
import { perSecond, windowOf, withoutLate } from './coarser.ts';
import { byteRate, clock, count, elapsed, latency, percent, rate, span } from './format.ts';
import { Section } from './parts.tsx';
import { planned } from './plan.ts';

const maxKinds = 6;
const kindColors = ['red', 'orange', 'violet', 'blue', 'teal', 'pink'];

export function Charts({ summary }: { summary: Summary }): JSX.Element {
  const { series, phases } = summary;
  const [zoom, setZoom] = useState<Zoom>();
  const [logarithmic, setLogarithmic] = useState(false);
  const timeline = useMemo<Timeline>(
    () => ({
      key: 'run',
      times: timesOf(series),
      originMs: summary.loadStartedMs ?? series.startMs,
      relative: false,
      phases,
      zoom,
      onZoom: setZoom,
    }),
    [series, phases, zoom, summary.loadStartedMs],
  );
  const window = windowOf(stepsIn(zoom, timeline.times));
  const lines = useMemo(
    () => linesOf(summary, timeline.times, window),
    [summary, timeline.times, window],
  );
  const mean = window === 1 ? '' : ` · mean of ${span(window * series.stepMs)}`;
  const measured = summary.sampling.requests !== 'intervals';
  const originMs = timeline.originMs;
  return (
    <Section
      id="charts"
      title="Over time"
      aside={
        zoom === undefined ? (
          <span class="hint">Drag across a chart to zoom in</span>
        ) : (
          <button type="button" class="quiet" onClick={() => setZoom(undefined)}>
            {clock(zoom[0] * 1000)}–{clock(zoom[1] * 1000)} ({elapsed(zoom[0] * 1000 - originMs)}–
            {elapsed(zoom[1] * 1000 - originMs)}) · Show all
          </button>
        )
      }
    >
      <div class="charts">
        <Chart
          title="Throughput and arrivals"
          unit={`requests/s${mean}`}
          rightUnit="users/s"
          lines={lines.load}
          timeline={timeline}
          phaseNames
        />
        <Chart
          title={measured ? 'Response time' : 'Mean response time'}
          unit="duration"
          lines={measured ? lines.latency : lines.mean}
          timeline={timeline}
          logarithmic={logarithmic}
          phaseNames
          aside={<Scale logarithmic={logarithmic} onChange={setLogarithmic} />}
        />
        <Chart
          title="Users and connections"
          unit="at once"
          lines={lines.users}
          timeline={timeline}
        />
        {lines.errors.length === 0 ? (
          <Nothing title="Errors" text="No errors so far" final={summary.final} />
        ) : (
          <Chart
            title="Errors by kind"
            unit={`errors/s${mean}`}
            lines={lines.errors}
            timeline={timeline}
          />
        )}
        <Chart
          title="Generator: CPU and memory"
          unit="% of the machine"
          lines={lines.machine}
          timeline={timeline}
          max={100}
        />
        <Chart
          title="Generator: network"
          unit={`bytes/s${mean}`}
          lines={lines.network}
          timeline={timeline}
        />
      </div>
    </Section>
  );
}

function Scale({
  logarithmic,
  onChange,
}: {
  logarithmic: boolean;
  onChange: (logarithmic: boolean) => void;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <span class="switch" role="group" aria-label="Scale of the response time">
      <button type="button" aria-pressed={!logarithmic} onClick={() => onChange(false)}>
        Linear
      </button>
      <button type="button" aria-pressed={logarithmic} onClick={() => onChange(true)}>
        Log
      </button>
    </span>
  );
}

function Nothing({
  title,
  text,
  final,
}: {
  title: string;
  text: string;
  final: boolean;
}): JSX.Element {
  return (
    <figure class="chart panel nothing">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      <p>{final ? text.replace(' so far', '') : text}</p>
    </figure>
  );
}

/** The steps' starts, in seconds of Unix time. */
export function timesOf({ startMs, stepMs, requests }: Series): readonly number[] {
  return requests.map((_, index) => (startMs + index * stepMs) / 1000);
}

function stepsIn(zoom: Zoom, times: readonly number[]): number {
  if (zoom === undefined) return times.length;
  return times.filter((time) => time >= zoom[0] && time <= zoom[1]).length;
}

type Lines = Readonly<
  Record<'load' | 'latency' | 'mean' | 'users' | 'errors' | 'machine' | 'network', readonly Line[]>
>;

function linesOf(summary: Summary, times: readonly number[], window: number): Lines {
  const { series } = summary;
  const { stepMs } = series;
  const perS = (value: number | null | undefined): string => rate(value);
  const plan = planned(summary.phases, times, (summary.loadStartedMs ?? series.startMs) / 1000);
  const started = perSecond(withoutLate(series.usersStarted, summary.final), stepMs, window);
  const durations = { format: latency };
  return {
    load: [
      {
        label: 'Requests',
        color: 'blue',
        values: perSecond(series.requests, stepMs, window),
        format: perS,
        filled: true,
      },
      { label: 'Users arriving', color: 'orange', values: started, format: perS, right: true },
      ...(plan === undefined
        ? []
        : [
            {
              label: 'Planned',
              color: 'muted',
              values: plan,
              format: perS,
              right: true,
              dashed: true,
            },
          ]),
    ],
    latency: [
      { label: 'p50', color: 'teal', values: series.p50Ms, ...durations },
      { label: 'p95', color: 'blue', values: series.p95Ms, ...durations },
      { label: 'p99', color: 'violet', values: series.p99Ms, ...durations },
      { label: 'max', color: 'grey', values: series.maxMs, ...durations, hidden: true },
    ],
    mean: [{ label: 'mean', color: 'teal', values: series.meanMs, ...durations }],
    users: [
      { label: 'Users', color: 'violet', values: series.users, format: count, filled: true },
      { label: 'Connections', color: 'teal', values: series.connected, format: count },
    ],
    errors: errorLines(series, window),
    machine: [
      { label: 'CPU', color: 'blue', values: series.cpuPercent, format: percent, filled: true },
      { label: 'Memory', color: 'orange', values: series.memoryPercent, format: percent },
    ],
    network: [
      {
        label: 'Received',
        color: 'blue',
        values: perSecond(series.networkReceived, stepMs, window),
        format: byteRate,
        filled: true,
      },
      {
        label: 'Sent',
        color: 'orange',
        values: perSecond(series.networkSent, stepMs, window),
        format: byteRate,
      },
    ],
  };
}

/** The most frequent kinds each; the others together. */
function errorLines({ errors, stepMs }: Series, window: number): readonly Line[] {
  const total = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0);
  const kinds = Object.entries(errors)
    .filter(([, values]) => total(values) > 0)
    .toSorted(([, a], [, b]) => total(b) - total(a));
  const own = kinds.length > maxKinds ? kinds.slice(0, maxKinds - 1) : kinds;
  const rest = kinds.slice(own.length);
  const others = rest.reduce<readonly number[]>(
    (sums, [, values]) => values.map((value, index) => value + (sums[index] ?? 0)),
    [],
  );
  const all: typeof own = rest.length === 0 ? own : [...own, ['all others', others]];
  return all.map(([label, values], index) => ({
    label,
    color: kindColors[index] ?? 'grey',
    values: perSecond(values, stepMs, window),
    format: (value) => rate(value),
    filled: index === 0,
  }));
}
