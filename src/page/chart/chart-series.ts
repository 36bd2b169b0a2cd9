/** Which series of the run each chart draws, and how. */

import type { Summary } from '../../report/summary.ts';
import type { Series } from '../../results/measurements.ts';
import { byteRate, count, type Figure, latency, percent, rate, share } from '../format.ts';
import { planned } from '../status/plan.ts';
import { limitsOf } from './limits.ts';
import { errorShares, perSecond } from './rates.ts';
import type { ChartLine } from './timeline.ts';

const maxKinds = 6;
const kindColors = ['red', 'orange', 'violet', 'blue', 'teal', 'pink'];

type ChartLines = Readonly<
  Record<
    'load' | 'latency' | 'mean' | 'users' | 'errors' | 'delay' | 'machine' | 'network',
    readonly ChartLine[]
  >
>;

/** `window`: how many steps each point of a rate covers. */
export function chartLines(summary: Summary, times: readonly number[], window: number): ChartLines {
  const { series } = summary;
  const { stepMs } = series;
  const perS = (value: Figure): string => rate(value);
  const plan = planned(summary.loadPhases, times, (summary.loadStartedMs ?? series.startMs) / 1000);
  const started = perSecond(series.usersStarted, stepMs, window);
  const durations = { format: latency };
  const limits = limitsOf(summary, { kind: 'run' }, times.length);
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
      ...limits.throughput,
    ],
    latency: [
      { label: 'p50', color: 'teal', values: series.p50Ms, ...durations },
      { label: 'p95', color: 'blue', values: series.p95Ms, ...durations },
      { label: 'p99', color: 'violet', values: series.p99Ms, ...durations },
      { label: 'max', color: 'grey', values: series.maxMs, ...durations, hidden: true },
      ...limits.durations,
    ],
    mean: [{ label: 'mean', color: 'teal', values: series.meanMs, ...durations }, ...limits.means],
    users: [
      { label: 'Users', color: 'violet', values: series.users, format: count, filled: true },
      { label: 'Connections', color: 'teal', values: series.connected, format: count },
    ],
    errors: withShare(errorLines(series, window), series, limits.errors),
    delay: delayLines(series),
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

/** None where the engine does not measure it. */
function delayLines(series: Series): readonly ChartLine[] {
  if (series.delayMaxMs.every((value) => value === null)) return [];
  return [
    { label: 'Max', color: 'blue', values: series.delayMaxMs, format: latency, filled: true },
    { label: 'Mean', color: 'teal', values: series.delayMeanMs, format: latency },
    {
      label: 'Processes waiting',
      color: 'muted',
      values: series.runQueueMean,
      format: waiting,
      right: true,
    },
  ];
}

/** A mean: less than one matters, too. */
function waiting(value: Figure): string {
  return value == null || value >= 10 ? count(value) : String(Math.round(value * 10) / 10);
}

/** Limits of the share of errors, and that share, where there are both limits and errors. */
function withShare(
  lines: readonly ChartLine[],
  series: Series,
  limits: readonly ChartLine[],
): readonly ChartLine[] {
  if (lines.length === 0 || limits.length === 0) return lines;
  const values = errorShares(series);
  const all: ChartLine = {
    label: 'Share of requests',
    color: 'muted',
    values,
    format: share,
    right: true,
  };
  return [all, ...lines, ...limits];
}

/** A line for each of the most frequent kinds, and one for all others. */
function errorLines({ errors, stepMs }: Series, window: number): readonly ChartLine[] {
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
