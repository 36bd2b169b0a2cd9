/** The uPlot options of a chart: its data, lines, cursor and zoom. */

import type uPlot from 'uplot';
import { color } from '../theme.ts';
import { axesOf, type Latest, valueScales } from './chart-axes.ts';
import { drawLimits } from './chart-limits.ts';
import { drawPhases } from './chart-phases.ts';
import type { ChartLine, ChartProps } from './timeline.ts';

export function dataOf({ timeline, lines, logarithmic }: ChartProps): uPlot.AlignedData {
  const drawable = (value: number | null): number | null =>
    logarithmic && value !== null && value <= 0 ? null : value;
  return [
    [...timeline.times],
    ...lines.map(({ values }) => (logarithmic ? values.map(drawable) : [...values])),
  ];
}

export function options(
  latest: Latest,
  width: number,
  setAt: (at?: number) => void,
): uPlot.Options {
  const { lines, timeline, rightUnit } = latest.current;
  return {
    width,
    height: 210,
    // Half of a label of the time axis stands beyond the axis.
    padding: [12, rightUnit === undefined ? 28 : 0, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: timeline.key, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7 },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: {
        time: false,
        range: (_, low, high) => [...(latest.current.timeline.zoom ?? [low, high])],
      },
      ...valueScales(latest),
    },
    axes: axesOf(latest),
    series: [{}, ...lines.map(seriesOf)],
    hooks: {
      drawAxes: [(u) => drawPhases(u, latest.current)],
      draw: [(u) => drawLimits(u, latest.current)],
      setCursor: [(u) => setAt(u.cursor.idx ?? undefined)],
      setSelect: [
        (u) => {
          const { left, width } = u.select;
          if (width < 4) return;
          latest.current.timeline.onZoom([u.posToVal(left, 'x'), u.posToVal(left + width, 'x')]);
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      ready: [
        (u) => {
          u.over.addEventListener('dblclick', () => latest.current.timeline.onZoom(undefined));
        },
      ],
    },
  };
}

/** A value between two gaps makes no line; it is drawn as a dot. */
const alone: uPlot.Series.Points.Filter = (u, series, show) => {
  const values = u.data[series];
  if (!show || values === undefined) return [];
  return [...values.keys()].filter(
    (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null,
  );
};

function seriesOf(line: ChartLine): uPlot.Series {
  return {
    scale: line.right ? 'right' : 'y',
    stroke: () => color(line.color),
    width: line.right ? 1 : 1.5,
    auto: line.limit === undefined,
    points: { show: line.limit === undefined, size: 4, filter: alone },
    ...(line.dashed ? { dash: [5, 4] } : {}),
    ...(line.filled ? { fill: () => `${color(line.color)}22` } : {}),
  };
}
