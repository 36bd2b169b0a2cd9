/** The figures of the run, each with its course in small. */

import type { JSX } from 'preact';
import { errorShareOf, otherP95 } from '../../results/failed-share.ts';
import type { SloResult, Summary } from '../../results/summary.ts';
import { perSecond, receivedPerSecond, withoutLate } from '../chart/rates.ts';
import type { Column } from '../chart/timeline.ts';
import { byteRate, count, latency, rate, share } from '../format.ts';
import { Value } from '../ui.tsx';

type Figure = Readonly<{
  label: string;
  value: number | null | undefined;
  format: (value: number | null | undefined) => string;
  note: string;
  trend: Column;
  bad?: boolean;
}>;

export function Numbers({ summary }: { summary: Summary }): JSX.Element {
  return (
    <dl class="numbers">
      {figuresOf(summary).map(({ label, value, format, note, trend, bad }) => (
        <div key={label} class={bad ? 'bad' : undefined}>
          <dt>{label}</dt>
          <dd>
            <Value value={value} format={format} />
            <span class="note">{note}</span>
            <Spark values={trend} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** While it runs: what is now, and so far. Afterwards: the whole run, and the most of it. */
function figuresOf({
  final,
  series,
  totals,
  latency: whole,
  names,
  slo,
}: Summary): readonly Figure[] {
  const requests = perSecond(series.requests, series.stepMs);
  const received = perSecond(withoutLate(series.bytesReceived, final), series.stepMs);
  const meanReceived = receivedPerSecond({ series, totals });
  const kinds = Object.values(series.errors);
  const errors = series.failed.map((failed, index) => {
    // Each failed request is an error of some kind; what there is beyond these is no request.
    const counted = kinds.reduce((sum, values) => sum + (values[index] ?? 0), 0);
    const all = Math.max(failed, counted);
    const ends = (series.requests[index] ?? 0) + all - failed;
    return ends === 0 ? null : Math.min(1, all / ends);
  });
  const latencyFigure = (
    label: string,
    value: number | undefined,
    trend: Column,
    aside = '',
  ): Figure => ({
    label,
    value,
    format: latency,
    note: aside || (final ? `worst second ${latency(most(trend))}` : `now ${latency(now(trend))}`),
    trend,
  });
  const p95Ok = whole && otherP95(whole);
  const onlyFailed =
    totals.requests > 0 && totals.failed === totals.requests ? 'of failed requests only' : '';
  const withoutFailures = p95Ok === undefined ? onlyFailed : `${latency(p95Ok)} without failures`;
  return [
    {
      label: 'Throughput',
      value: final ? totals.perSecond : now(requests),
      format: (value) => rate(value),
      note: final ? `peak ${rate(most(requests))}` : `mean ${rate(totals.perSecond)}`,
      trend: requests,
    },
    ...(whole === undefined
      ? [latencyFigure('Mean response', meanOf(names), series.meanMs)]
      : [
          latencyFigure('p50', whole.p50Ms, series.p50Ms, onlyFailed),
          latencyFigure('p95', whole.p95Ms, series.p95Ms, withoutFailures),
          latencyFigure('p99', whole.p99Ms, series.p99Ms, onlyFailed),
        ]),
    {
      label: 'Errors',
      value: errorShareOf(totals),
      format: share,
      note: `${count(totals.failed + totals.otherErrors)} of ${count(totals.requests + totals.otherErrors)}`,
      trend: errors,
      bad: totals.errorShare >= 0.01 || slo.rules.some(missesErrors),
    },
    {
      label: final ? 'Users at the peak' : 'Active users',
      value: final ? totals.usersPeak : now(series.users),
      format: count,
      note: totals.usersStarted === undefined ? '' : `${count(totals.usersStarted)} started`,
      trend: series.users,
    },
    {
      label: 'Received',
      value: final ? meanReceived : now(received),
      format: byteRate,
      note: final ? `peak ${byteRate(most(received))}` : `mean ${byteRate(meanReceived)}`,
      trend: received,
    },
  ];
}

function missesErrors({ rule, ok }: SloResult): boolean {
  return !ok && /\berrors\b/.test(rule);
}

/** How far back "now" may lie: what engines count per interval comes some seconds late, as zeros until then. */
const lateSteps = 5;

/** The last step that is surely whole: not the newest, nor one whose counts have not come yet. */
function now(values: Column): number | null {
  const whole = values.slice(0, -1);
  const recent = whole.slice(-lateSteps);
  return recent.findLast((value) => value !== null && value > 0) ?? recent.at(-1) ?? null;
}

function most(values: Column): number | null {
  const measured = values.filter((value) => value !== null);
  return measured.length === 0 ? null : measured.reduce((a, b) => Math.max(a, b), 0);
}

function meanOf(names: Summary['names']): number | undefined {
  const requests = names.filter(({ kind, meanMs }) => kind === 'request' && meanMs !== undefined);
  const total = requests.reduce((sum, { count: made }) => sum + made, 0);
  if (total === 0) return undefined;
  return requests.reduce((sum, { count: made, meanMs = 0 }) => sum + made * meanMs, 0) / total;
}

const points = 60;

/** A line without axes; the highest value of each stretch, so that no peak is lost. */
export function Spark({ values }: { values: Column }): JSX.Element {
  const stretch = Math.max(1, Math.ceil(values.length / points));
  const highs = Array.from({ length: Math.ceil(values.length / stretch) }, (_, index) =>
    most(values.slice(index * stretch, (index + 1) * stretch)),
  );
  const top = most(highs) || 1;
  const x = (index: number): number => (index / Math.max(1, highs.length - 1)) * 100;
  const shown = highs.flatMap((value, index) =>
    value === null ? [] : [`${x(index).toFixed(1)},${(29 - (value / top) * 27).toFixed(1)}`],
  );
  const [first, last] = [shown[0], shown.at(-1)];
  return (
    <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      {first !== undefined && last !== undefined && (
        <>
          <polygon
            points={`${first.split(',')[0]},30 ${shown.join(' ')} ${last.split(',')[0]},30`}
          />
          <polyline points={shown.join(' ')} />
        </>
      )}
    </svg>
  );
}
