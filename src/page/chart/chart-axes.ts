/** The axes of a chart: ticks, labels and ranges. */

import type uPlot from 'uplot';
import { clock, elapsed } from '../format.ts';
import { color } from '../theme.ts';
import type { ChartLine, ChartProps, ChartTimeline } from './timeline.ts';

/** The same as in the style sheet; a canvas does not inherit it. */
export const fontFamily =
  'Inter, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

/** Axes outlive the data that they were made for: they read the newest. */
export type Latest = Readonly<{ current: ChartProps }>;

export function axesOf(latest: Latest): uPlot.Axis[] {
  const { lines, logarithmic } = latest.current;
  const left = lines.find((line) => !line.right);
  const right = lines.find((line) => line.right);
  const time = axis({
    incrs: timeSteps,
    space: 72,
    size: 28,
    values: (_, splits) => splits.map((split) => timeLabel(latest.current.timeline, split)),
  });
  const values = axis({
    scale: 'y',
    size: 56,
    values: labels(left),
    ...(logarithmic ? logTicks : {}),
  });
  if (right === undefined) return [time, values];
  const grid = { show: false };
  return [time, values, axis({ scale: 'right', side: 1, size: 48, grid, values: labels(right) })];
}

export function valueScales({ logarithmic, max }: ChartProps): uPlot.Scales {
  return {
    y: logarithmic ? { distr: 3, range: logRange } : { distr: 1, range: fromZero(max) },
    right: { range: fromZero(undefined) },
  };
}

const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400,
];

function timeLabel({ relative }: ChartTimeline, seconds: number): string {
  if (relative) return elapsed(seconds * 1000);
  const text = clock(seconds * 1000);
  return seconds % 60 === 0 ? text.slice(0, 5) : text;
}

function labels(line: ChartLine | undefined): uPlot.Axis.DynamicValues {
  return (_, splits) => splits.map((split) => (split == null ? '' : (line?.format(split) ?? '')));
}

function axis(extra: uPlot.Axis): uPlot.Axis {
  return {
    stroke: () => color('muted'),
    font: `11px ${fontFamily}`,
    gap: 6,
    grid: { stroke: () => color('grid'), width: 1 },
    ticks: { show: false },
    ...extra,
  };
}

/** Labels only at powers of ten, or also at their halves and fifths if there are few. */
const logTicks: uPlot.Axis = {
  filter: (u, splits) => {
    const { min = 1, max = 1 } = u.scales['y'] ?? {};
    const many = Math.log10((max ?? 1) / (min ?? 1)) > 2;
    const wanted = many ? [1] : [1, 2, 5];
    return splits.map((split) => {
      const lead = split / 10 ** Math.floor(Math.log10(split) + 1e-9);
      return wanted.includes(Math.round(lead * 100) / 100) ? split : null;
    });
  },
};

function fromZero(max: number | undefined): uPlot.Range.Function {
  return (_, __, high) => [0, max ?? (high > 0 ? high * 1.08 : 1)];
}

const logRange: uPlot.Range.Function = (_, low, high) =>
  low > 0 && high > 0 ? [low / 1.25, high * 1.25] : [1, 1000];
