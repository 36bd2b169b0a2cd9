/** One name over time. */

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import type { NameSeries, NameStats } from '../../results/measurements.ts';
import { Chart } from '../chart/chart.tsx';
import { limitsOf } from '../chart/limits.ts';
import { perSecond } from '../chart/rates.ts';
import type { ChartLine, ChartTimeline, Zoom } from '../chart/timeline.ts';
import { type Figure, latency, rate } from '../format.ts';

type Props = Readonly<{
  stats: Pick<NameStats, 'name' | 'kind'>;
  series: NameSeries;
  summary: Summary;
}>;

export function NameCourses({ stats, series, summary }: Props): JSX.Element {
  const [zoom, setZoom] = useState<Zoom>();
  const { loadStartedMs, loadPhases } = summary;
  const timeline = useMemo<ChartTimeline>(
    () => ({
      key: 'name',
      times: series.count.map((_, index) => (series.startMs + index * series.stepMs) / 1000),
      originMs: loadStartedMs ?? series.startMs,
      relative: false,
      loadPhases,
      zoom,
      onZoom: setZoom,
    }),
    [series, loadStartedMs, loadPhases, zoom],
  );
  const [durations, counts] = useMemo(() => {
    const limits = limitsOfName(stats, summary, series.count.length);
    return [
      [...durationLines(series), ...(limits?.durations ?? [])],
      [...countLines(series), ...(limits?.throughput ?? [])],
    ];
  }, [stats, series, summary]);
  return (
    <div class="charts">
      <Chart
        title="Response time"
        unit="duration"
        lines={durations}
        timeline={timeline}
        phaseNames
      />
      <Chart title="Throughput and errors" unit="per second" lines={counts} timeline={timeline} />
    </div>
  );
}

function limitsOfName(
  { name, kind }: Props['stats'],
  summary: Summary,
  steps: number,
): ReturnType<typeof limitsOf> | undefined {
  if (kind !== 'request' && kind !== 'transaction') return undefined;
  return limitsOf(summary, { kind, name }, steps);
}

function durationLines({ p50Ms, p95Ms }: NameSeries): readonly ChartLine[] {
  return [
    { label: 'p50', color: 'teal', values: p50Ms, format: latency },
    { label: 'p95', color: 'blue', values: p95Ms, format: latency },
  ];
}

function countLines({ count: made, failed, stepMs }: NameSeries): readonly ChartLine[] {
  const format = (value: Figure): string => rate(value);
  return [
    { label: 'Finished', color: 'blue', values: perSecond(made, stepMs), format, filled: true },
    { label: 'Errors', color: 'red', values: perSecond(failed, stepMs), format },
  ];
}
