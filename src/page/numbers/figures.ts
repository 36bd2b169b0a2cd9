/** The figures of a run: those of the moment while it runs, those of the whole run afterwards. */

import type { Summary } from '../../report/summary.ts';
import { errorShareOf, otherP95 } from '../../results/failed-share.ts';
import type { SloResult } from '../../slo/result.ts';
import type { SloMetric } from '../../slo/rule.ts';
import { errorShares, perSecond, receivedPerSecond } from '../chart/rates.ts';
import type { Column } from '../chart/timeline.ts';
import { byteRate, count, type Figure, type Format, latency, rate, share } from '../format.ts';
import { missedRule } from '../status/rule-state.ts';

type KeyFigure = Readonly<{
  label: string;
  value: Figure;
  format: Format;
  note: string;
  trend: Column;
  bad: boolean;
}>;

/** While it runs: current values and totals so far. Afterwards: the whole run, and its peaks. */
export function figuresOf(summary: Summary): readonly KeyFigure[] {
  const { final, series, totals, latency: whole, names, sampling, slo } = summary;
  const misses = (isMetric: (metric: SloMetric) => boolean): boolean =>
    missedRule(summary, isMetric) !== undefined;
  const ofKind = (kind: SloMetric['kind']): boolean => misses((metric) => metric.kind === kind);
  const requests = perSecond(series.requests, series.stepMs);
  const received = perSecond(series.bytesReceived, series.stepMs);
  const meanReceived = receivedPerSecond({ series, totals });
  const latencyFigure = (
    label: string,
    value: number | undefined,
    trend: Column,
    aside = '',
  ): Omit<KeyFigure, 'bad'> => ({
    label,
    value,
    format: latency,
    note: aside || courseNote(value, trend, final),
    trend,
  });
  const percentileFigure = (
    percentile: number,
    value: number | undefined,
    trend: Column,
    aside = '',
  ): KeyFigure => ({
    ...latencyFigure(`p${percentile}`, value, trend, aside),
    bad: misses((metric) => metric.kind === 'percentile' && metric.percentile === percentile),
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
      bad: ofKind('throughput'),
    },
    ...(sampling.requests === 'intervals'
      ? [
          {
            ...latencyFigure('Mean response', meanOf(names), series.meanMs),
            bad: ofKind('mean'),
          },
        ]
      : [
          percentileFigure(50, whole?.p50Ms, series.p50Ms, onlyFailed),
          percentileFigure(95, whole?.p95Ms, series.p95Ms, withoutFailures),
          percentileFigure(99, whole?.p99Ms, series.p99Ms, onlyFailed),
        ]),
    {
      label: 'Errors',
      value: errorShareOf(totals),
      format: share,
      note: `${count(totals.failed + totals.otherErrors)} of ${count(totals.requests + totals.otherErrors)}`,
      trend: errorShares(series),
      bad: slo.rules.some(isAboutAllErrors) ? ofKind('errors') : totals.errorShare >= 0.01,
    },
    {
      label: final ? 'Peak users' : 'Active users',
      value: final ? totals.usersPeak : now(series.users),
      format: count,
      note: totals.usersStarted === undefined ? '' : `${count(totals.usersStarted)} started`,
      trend: series.users,
      bad: false,
    },
    {
      label: 'Received',
      value: final ? meanReceived : now(received),
      format: byteRate,
      note: final ? `peak ${byteRate(most(received))}` : `mean ${byteRate(meanReceived)}`,
      trend: received,
      bad: false,
    },
  ];
}

/** Without such a rule, a hundredth is many. */
function isAboutAllErrors({ rule }: SloResult): boolean {
  return rule.scope.kind === 'run' && rule.metric.kind === 'errors';
}

function courseNote(value: number | undefined, trend: Column, final: boolean): string {
  if (value === undefined) return final ? 'not measured' : 'not measured yet';
  return final ? `worst second ${latency(most(trend))}` : `now ${latency(now(trend))}`;
}

/** How far back "now" may lie: some counts arrive later than others. */
const lateSteps = 4;

/** The newest step that is known. */
function now(values: Column): number | null {
  return values.slice(-lateSteps).findLast((value) => value !== null) ?? null;
}

export function most(values: Column): number | null {
  const measured = values.filter((value) => value !== null);
  return measured.length === 0 ? null : measured.reduce((a, b) => Math.max(a, b), 0);
}

function meanOf(names: Summary['names']): number | undefined {
  const requests = names.filter(({ kind, meanMs }) => kind === 'request' && meanMs !== undefined);
  const total = requests.reduce((sum, { count: made }) => sum + made, 0);
  if (total === 0) return undefined;
  return requests.reduce((sum, { count: made, meanMs = 0 }) => sum + made * meanMs, 0) / total;
}
