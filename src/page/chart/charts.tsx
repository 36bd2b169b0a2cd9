/** The charts of the run over time. */

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import type { Series } from '../../results/measurements.ts';
import { clock, elapsed, span } from '../format.ts';
import { Section } from '../ui.tsx';
import { Chart } from './chart.tsx';
import { chartLines } from './chart-series.ts';
import { windowOf } from './rates.ts';
import { ScaleSwitch } from './scale-switch.tsx';
import type { ChartTimeline, Zoom } from './timeline.ts';

export function Charts({ summary }: { summary: Summary }): JSX.Element {
  const { series, loadPhases } = summary;
  const [zoom, setZoom] = useState<Zoom>();
  const [logarithmic, setLogarithmic] = useState(false);
  const timeline = useMemo<ChartTimeline>(
    () => ({
      key: 'run',
      times: timesOf(series),
      originMs: summary.loadStartedMs ?? series.startMs,
      relative: false,
      loadPhases,
      zoom,
      onZoom: setZoom,
    }),
    [series, loadPhases, zoom, summary.loadStartedMs],
  );
  const window = windowOf(stepsIn(zoom, timeline.times));
  const lines = useMemo(
    () => chartLines(summary, timeline.times, window),
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
          aside={<ScaleSwitch logarithmic={logarithmic} onChange={setLogarithmic} />}
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
            {...(lines.errors.some(({ right }) => right) ? { rightUnit: '% of requests' } : {})}
            lines={lines.errors}
            timeline={timeline}
          />
        )}
        {lines.delay.length > 0 && (
          <Chart
            title="Generator: its own delay"
            unit="duration"
            rightUnit="processes waiting"
            lines={lines.delay}
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
function timesOf({ startMs, stepMs, requests }: Series): readonly number[] {
  return requests.map((_, index) => (startMs + index * stepMs) / 1000);
}

function stepsIn(zoom: Zoom, times: readonly number[]): number {
  if (zoom === undefined) return times.length;
  return times.filter((time) => time >= zoom[0] && time <= zoom[1]).length;
}
