/** One name on its own: its figures, its course over the run, how it was answered. */

import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import { failedShare } from '../../results/failed-share.ts';
import type { NameSeries, NameStats } from '../../results/measurements.ts';
import { Chart } from '../chart/chart.tsx';
import { perSecond } from '../chart/rates.ts';
import type { Line, Timeline, Zoom } from '../chart/timeline.ts';
import { Dialog } from '../dialog.tsx';
import { atLeast, bytes, count, latency, rate, share } from '../format.ts';
import { printable } from '../text.ts';
import { Name, Value } from '../ui.tsx';

type Props = Readonly<{
  stats: NameStats;
  summary: Summary;
  fetchFull: (() => Promise<Summary>) | undefined;
  onClose: () => void;
}>;

export function NameDialog({ stats, summary, fetchFull, onClose }: Props): JSX.Element {
  const series = useSeries(stats, fetchFull);
  return (
    <Dialog label={`Figures of ${printable(stats.name, 80)}`} onClose={onClose}>
      <header class="dialog-head">
        <div>
          <p class="unit">{stats.kind}</p>
          <h2>
            <Name text={stats.name} max={400} />
          </h2>
        </div>
        <button type="button" class="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      <Figures stats={stats} />
      {series === undefined ? (
        <p class="empty">Its course over time is not there yet.</p>
      ) : (
        <Courses series={series} summary={summary} />
      )}
    </Dialog>
  );
}

/** A live page's ticks leave the names' own series out; they are asked for while somebody looks. */
function useSeries(stats: NameStats, fetchFull: Props['fetchFull']): NameSeries | undefined {
  const [fetched, setFetched] = useState<NameSeries>();
  const { name, kind } = stats;
  useEffect(() => {
    if (fetchFull === undefined) return;
    const refresh = (): void => {
      fetchFull().then(
        ({ names }) =>
          setFetched(names.find((each) => each.name === name && each.kind === kind)?.series),
        () => undefined,
      );
    };
    refresh();
    const timer = setInterval(refresh, 5_000);
    return () => clearInterval(timer);
  }, [name, kind, fetchFull]);
  return fetched ?? stats.series;
}

function Figures({ stats }: { stats: NameStats }): JSX.Element {
  const { latency: all, meanMs, failedAtMost } = stats;
  const known = failedAtMost === undefined ? (format: typeof count) => format : atLeast;
  const figures = [
    ['Count', stats.count, count],
    ['Rate', stats.perSecond, (value: Figure) => rate(value)],
    ['Min', all?.minMs, latency],
    ['Mean', all?.meanMs ?? meanMs, latency],
    ['p50', all?.p50Ms, latency],
    ['p90', all?.p90Ms, latency],
    ['p95', all?.p95Ms, latency],
    ...(all?.p95OkMs === undefined
      ? []
      : [['p95 of what did not fail', all.p95OkMs, latency] as const]),
    ['p99', all?.p99Ms, latency],
    ['p99.9', all?.p999Ms, latency],
    ['Max', all?.maxMs, latency],
    ['Errors', stats.failed, known(count)],
    ['Error share', failedShare(stats), known(share)],
    ['Received', stats.bytes, bytes],
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([label, value, format]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Value value={value} format={format} />
          </dd>
        </div>
      ))}
      {Object.entries(stats.statuses)
        .slice(0, 6)
        .map(([status, made]) => (
          <div key={`status ${status}`}>
            <dt>
              Status <Name text={status} max={12} />
            </dt>
            <dd>{count(made)}</dd>
          </div>
        ))}
    </dl>
  );
}

type Figure = number | null | undefined;

function Courses({ series, summary }: { series: NameSeries; summary: Summary }): JSX.Element {
  const [zoom, setZoom] = useState<Zoom>();
  const { loadStartedMs, loadPhases } = summary;
  const timeline = useMemo<Timeline>(
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
  const [durations, counts] = useMemo(() => [durationLines(series), countLines(series)], [series]);
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

function durationLines({ p50Ms, p95Ms }: NameSeries): readonly Line[] {
  return [
    { label: 'p50', color: 'teal', values: p50Ms, format: latency },
    { label: 'p95', color: 'blue', values: p95Ms, format: latency },
  ];
}

function countLines({ count: made, failed, stepMs }: NameSeries): readonly Line[] {
  const format = (value: Figure): string => rate(value);
  return [
    { label: 'Finished', color: 'blue', values: perSecond(made, stepMs), format, filled: true },
    { label: 'Errors', color: 'red', values: perSecond(failed, stepMs), format },
  ];
}
