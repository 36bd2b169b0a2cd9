/** Compares this run with another one. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import { receivedPerSecond } from '../chart/rates.ts';
import {
  byteRate,
  count,
  day,
  type Figure,
  type Format,
  latency,
  rate,
  share,
  utc,
} from '../format.ts';
import { Name, Scroller, Section, Value } from '../ui.tsx';
import { type Better, Change } from './compare-change.tsx';
import { CompareCourses } from './compare-courses.tsx';
import { CompareNames } from './compare-names.tsx';
import type { OtherRun } from './other-run.ts';

type Props = Readonly<{ summary: Summary; other: OtherRun; onClose: () => void }>;

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
      <CompareCourses summary={summary} other={other} />
      <CompareNames summary={summary} other={other} />
    </Section>
  );
}

function RunName({ run }: { run: OtherRun }): JSX.Element {
  const at = run.loadStartedMs ?? run.series.startMs;
  const doubts = doubtsOf(run);
  return (
    <span class="hint" title={utc(at)}>
      {day(at)}
      {doubts !== '' && (
        <>
          {', '}
          <Name text={doubts} max={60} />
        </>
      )}
    </span>
  );
}

/** What speaks against comparing with a run. */
function doubtsOf({ generator, run }: OtherRun): string {
  const { kind = 'complete' } = run.outcome ?? {};
  const { verdict = 'valid' } = generator ?? {};
  return [
    ...(kind === 'complete' ? [] : [kind]),
    ...(verdict === 'valid' ? [] : [`generator ${verdict}`]),
  ].join(', ');
}

type Row = Readonly<{
  label: string;
  before: Figure;
  now: Figure;
  format: Format;
  better: Better;
}>;

function totalsOf(before: OtherRun, now: OtherRun): readonly Row[] {
  const row = (
    label: string,
    read: (run: OtherRun) => Figure,
    format: Format,
    better: Better,
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
    row('Peak users', ({ totals }) => totals.usersPeak, count, 'neither'),
    row('Received', receivedPerSecond, byteRate, 'neither'),
  ];
}
