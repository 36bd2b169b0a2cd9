/** The axes of a chart: ticks, labels and ranges. */

import type uPlot from 'uplot';
import { clock, elapsed } from '../format.ts';
import { color, fontFamily } from '../theme.ts';
import { topWithLimits } from './limits.ts';
import type { ChartLine, ChartProps, ChartTimeline } from './timeline.ts';

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

export function valueScales(latest: Latest): uPlot.Scales {
  const { logarithmic } = latest.current;
  return {
    y: logarithmic
      ? { distr: 3, range: logRange(latest) }
      : { distr: 1, range: fromZero(latest, 'left') },
    right: { range: fromZero(latest, 'right') },
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
  return (_, splits) => {
    const texts = splits.map((split) => (split == null ? '' : (line?.format(split) ?? '')));
    // Whole numbers between which there are ticks would stand there twice.
    return texts.map((text, index) => (text === texts[index - 1] ? '' : text));
  };
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

function fromZero({ current }: Latest, side: 'left' | 'right'): uPlot.Range.Function {
  return (_, __, high) => {
    if (side === 'left' && current.max !== undefined) return [0, current.max];
    return [0, topWithLimits(current, side, { high, farthest: 3 }) * 1.08 || 1];
  };
}

function logRange({ current }: Latest): uPlot.Range.Function {
  return (_, low, high) => {
    if (!(low > 0 && high > 0)) return [1, 1000];
    return [low / 1.25, topWithLimits(current, 'left', { high, farthest: 30 }) * 1.25];
  };
}
