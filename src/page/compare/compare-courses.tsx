/** Two runs over time, counted from the start of each load. */

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import { Chart } from '../chart/chart.tsx';
import { perSecond, windowOf } from '../chart/rates.ts';
import type { ChartLine, ChartTimeline, Column, Zoom } from '../chart/timeline.ts';
import { type Format, latency, rate } from '../format.ts';
import type { OtherRun } from './other-run.ts';

export function CompareCourses({
  summary,
  other,
}: Readonly<{ summary: Summary; other: OtherRun }>): JSX.Element {
  const [zoom, setZoom] = useState<Zoom>();
  const timeline = useMemo<ChartTimeline>(
    () => ({
      key: 'compare',
      times: gridOf(summary, other),
      originMs: 0,
      relative: true,
      loadPhases: summary.loadPhases,
      zoom,
      onZoom: setZoom,
    }),
    [summary, other, zoom],
  );
  const [throughput, p95] = useMemo(() => {
    const pair = (read: (run: OtherRun) => Column, format: Format): readonly ChartLine[] => [
      { label: 'Other', color: 'grey', values: onGrid(other, read(other), timeline.times), format },
      {
        label: 'This',
        color: 'blue',
        values: onGrid(summary, read(summary), timeline.times),
        format,
      },
    ];
    const window = windowOf(timeline.times.length);
    return [
      pair(
        ({ series }) => perSecond(series.requests, series.stepMs, window),
        (value) => rate(value),
      ),
      pair(({ series }) => series.p95Ms, latency),
    ];
  }, [summary, other, timeline.times]);
  return (
    <div class="charts">
      <Chart
        title="Throughput"
        unit="requests/s"
        lines={throughput}
        timeline={timeline}
        phaseNames
      />
      <Chart title="p95" unit="duration" lines={p95} timeline={timeline} phaseNames />
    </div>
  );
}

/** Seconds since the load's start, for as long as the longer run, in steps of the coarser one. */
function gridOf(a: OtherRun, b: OtherRun): readonly number[] {
  const stepMs = Math.max(a.series.stepMs, b.series.stepMs);
  const lengthMs = Math.max(
    a.series.requests.length * a.series.stepMs,
    b.series.requests.length * b.series.stepMs,
  );
  const steps = Math.min(7_200, Math.ceil(lengthMs / stepMs));
  return Array.from({ length: steps }, (_, index) => (index * stepMs) / 1000);
}

/** A column as it was at each of these times since the load's start. */
function onGrid(
  { series, loadStartedMs }: OtherRun,
  values: Column,
  times: readonly number[],
): Column {
  const offsetMs = (loadStartedMs ?? series.startMs) - series.startMs;
  return times.map(
    (seconds) => values[Math.floor((seconds * 1000 + offsetMs) / series.stepMs)] ?? null,
  );
}
