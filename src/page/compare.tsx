/** This run beside another one. */

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Summary } from '../results/summary.ts';
import { Chart, type Column, type Line, type Timeline, type Zoom } from './chart.tsx';
import { perSecond, windowOf } from './coarser.ts';
import { byteRate, change, count, day, latency, milliseconds, rate, share, utc } from './format.ts';
import type { OtherName, OtherRun } from './other-run.ts';
import { Name, Scroller, Section, Value } from './parts.tsx';

type Props = Readonly<{ summary: Summary; other: OtherRun; onClose: () => void }>;
type Figure = number | null | undefined;
type Format = (value: Figure) => string;

export function Compare({ summary, other, onClose }: Props): JSX.Element {
  return (
    <Section
      id="compare"
      title="Compared with another run"
      aside={
        <button type="button" class="quiet" onClick={onClose}>
          Close the comparison
        </button>
      }
    >
      <Scroller label="Both runs">
        <table class="compare">
          <thead>
            <tr>
              <th scope="col">Whole run</th>
              <th scope="col" class="number">
                Other <RunName run={other} />
              </th>
              <th scope="col" class="number">
                This <RunName run={summary} />
              </th>
              <th scope="col" class="number">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {totalsOf(other, summary).map(({ label, before, now, format, better }) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                <td>
                  <Value value={before} format={format} />
                </td>
                <td>
                  <Value value={now} format={format} />
                </td>
                <Change before={before} now={now} better={better} />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
      <Courses summary={summary} other={other} />
      <ByName summary={summary} other={other} />
    </Section>
  );
}

function RunName({ run }: { run: OtherRun }): JSX.Element {
  const at = run.loadStartedMs ?? run.series.startMs;
  return (
    <span class="hint" title={utc(at)}>
      {day(at)}
    </span>
  );
}

type Row = Readonly<{
  label: string;
  before: Figure;
  now: Figure;
  format: Format;
  better: 'less' | 'more' | 'neither';
}>;

function totalsOf(before: OtherRun, now: OtherRun): readonly Row[] {
  const receivedPerSecond = ({ totals, series }: OtherRun): number =>
    (totals.bytesReceived * 1000) / Math.max(1, series.requests.length * series.stepMs);
  const row = (
    label: string,
    read: (run: OtherRun) => Figure,
    format: Format,
    better: Row['better'],
  ): Row => ({
    label,
    before: read(before),
    now: read(now),
    format,
    better,
  });
  return [
    row('Requests', ({ totals }) => totals.requests, count, 'neither'),
    row(
      'Throughput',
      ({ totals }) => totals.perSecond,
      (value) => rate(value),
      'more',
    ),
    row('Mean', (run) => run.latency?.meanMs, latency, 'less'),
    row('p50', (run) => run.latency?.p50Ms, latency, 'less'),
    row('p90', (run) => run.latency?.p90Ms, latency, 'less'),
    row('p95', (run) => run.latency?.p95Ms, latency, 'less'),
    row('p99', (run) => run.latency?.p99Ms, latency, 'less'),
    row('p99.9', (run) => run.latency?.p999Ms, latency, 'less'),
    row('Max', (run) => run.latency?.maxMs, latency, 'less'),
    row('Error share', ({ totals }) => totals.errorShare, share, 'less'),
    row('Users at the peak', ({ totals }) => totals.usersPeak, count, 'neither'),
    row('Received', receivedPerSecond, byteRate, 'neither'),
  ];
}

/** Below this a change is not called better or worse. */
const noise = 0.02;

function Change({ before, now, better }: Pick<Row, 'before' | 'now' | 'better'>): JSX.Element {
  const grown = before == null || now == null ? 0 : now - before;
  const matters = Math.abs(grown) > noise * Math.abs(before ?? 0);
  const word = (better === 'less') === grown < 0 ? 'good' : 'bad';
  const judged = better === 'neither' || !matters ? '' : word;
  return (
    <td class={judged}>
      {change(before, now)}
      {judged !== '' && <span class="sr">{judged === 'good' ? ' better' : ' worse'}</span>}
    </td>
  );
}

function Courses({ summary, other }: Pick<Props, 'summary' | 'other'>): JSX.Element {
  const [zoom, setZoom] = useState<Zoom>();
  const timeline = useMemo<Timeline>(
    () => ({
      key: 'compare',
      times: gridOf(summary, other),
      originMs: 0,
      relative: true,
      phases: summary.phases,
      zoom,
      onZoom: setZoom,
    }),
    [summary, other, zoom],
  );
  const [throughput, p95] = useMemo(() => {
    const pair = (read: (run: OtherRun) => Column, format: Format): readonly Line[] => [
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

/** Seconds since the load's start, as long as the longer run, in the coarser one's steps. */
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

const shownNames = 300;

function ByName({ summary, other }: Pick<Props, 'summary' | 'other'>): JSX.Element {
  const pairs = useMemo(() => pairsOf(other.names, summary.names), [summary, other]);
  return (
    <Scroller label="Both runs by name">
      <table class="compare">
        <thead>
          <tr>
            <th scope="col">
              Name <span class="hint">other, this, change</span>
            </th>
            {['Count', 'p50 ms', 'p95 ms', 'p99 ms', 'Errors'].map((label) => (
              <th key={label} scope="colgroup" colSpan={3} class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pairs.slice(0, shownNames).map(({ name, kind, before, now }) => (
            <tr key={`${kind} ${name}`}>
              <th scope="row">
                <Name text={name} />
                {kind !== 'request' && <span class="kind">{kind}</span>}
              </th>
              <Cells before={before?.count} now={now?.count} format={count} better="neither" />
              <Cells before={before?.latency?.p50Ms} now={now?.latency?.p50Ms} />
              <Cells before={before?.latency?.p95Ms} now={now?.latency?.p95Ms} />
              <Cells before={before?.latency?.p99Ms} now={now?.latency?.p99Ms} />
              <Cells before={failedShare(before)} now={failedShare(now)} format={share} />
            </tr>
          ))}
        </tbody>
      </table>
      {pairs.length > shownNames && (
        <p class="hint">
          The {shownNames} most frequent of {count(pairs.length)} names.
        </p>
      )}
    </Scroller>
  );
}

function Cells({
  before,
  now,
  format = milliseconds,
  better = 'less',
}: Readonly<{
  before: Figure;
  now: Figure;
  format?: Format;
  better?: Row['better'];
}>): JSX.Element {
  return (
    <>
      <td class="before">
        <Value value={before} format={format} />
      </td>
      <td>
        <Value value={now} format={format} />
      </td>
      <Change before={before} now={now} better={better} />
    </>
  );
}

function failedShare(stats: OtherName | undefined): number | undefined {
  return stats === undefined || stats.count === 0 ? undefined : stats.failed / stats.count;
}

type Pair = Readonly<{
  name: string;
  kind: string;
  before: OtherName | undefined;
  now: OtherName | undefined;
}>;

function pairsOf(before: readonly OtherName[], now: readonly OtherName[]): readonly Pair[] {
  const keyOf = ({ kind, name }: OtherName): string => `${kind} ${name}`;
  const old = new Map(before.map((stats) => [keyOf(stats), stats]));
  const mine = new Set(now.map(keyOf));
  return [
    ...now.map((stats) => ({
      name: stats.name,
      kind: stats.kind,
      before: old.get(keyOf(stats)),
      now: stats,
    })),
    ...before
      .filter((stats) => !mine.has(keyOf(stats)))
      .map((stats) => ({ name: stats.name, kind: stats.kind, before: stats, now: undefined })),
  ].toSorted((a, b) => countOf(b) - countOf(a));
}

function countOf({ before, now }: Pair): number {
  return now?.count ?? before?.count ?? 0;
}
