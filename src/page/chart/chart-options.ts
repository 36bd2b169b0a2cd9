/** How uPlot draws a chart: scales, axes, lines, and where the load's phases begin. */

import uPlot from 'uplot';
import { escapeUnseen } from '../../text.ts';
import { clock, elapsed } from '../format.ts';
import { phaseLabel } from '../status/plan.ts';
import { color } from '../theme.ts';
import type { ChartProps, Line, Timeline } from './timeline.ts';

export function dataOf({ timeline, lines, logarithmic }: ChartProps): uPlot.AlignedData {
  const drawable = (value: number | null): number | null =>
    logarithmic && value !== null && value <= 0 ? null : value;
  return [
    [...timeline.times],
    ...lines.map(({ values }) => (logarithmic ? values.map(drawable) : [...values])),
  ];
}

type Latest = Readonly<{ current: ChartProps }>;

export function options(
  latest: Latest,
  width: number,
  setAt: (at?: number) => void,
): uPlot.Options {
  const { lines, timeline, logarithmic, max, rightUnit } = latest.current;
  const distr: uPlot.Scale['distr'] = logarithmic ? 3 : 1;
  const right = lines.find((line) => line.right);
  const left = lines.find((line) => !line.right);
  const range = logarithmic ? logRange : fromZero(max);
  return {
    width,
    height: 210,
    padding: [12, rightUnit === undefined ? 22 : 0, 0, 0],
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
      y: { distr, range },
      right: { range: fromZero(undefined) },
    },
    axes: [
      axis({
        incrs: timeSteps,
        space: 72,
        size: 28,
        values: (_, splits) => splits.map((split) => timeLabel(latest.current.timeline, split)),
      }),
      axis({ scale: 'y', size: 56, values: labels(left), ...(logarithmic ? logTicks : {}) }),
      ...(right === undefined
        ? []
        : [
            axis({
              scale: 'right',
              side: 1,
              size: 48,
              grid: { show: false },
              values: labels(right),
            }),
          ]),
    ],
    series: [{}, ...lines.map(seriesOf)],
    hooks: {
      drawAxes: [(u) => drawPhases(u, latest.current)],
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
          performance.mark('onager:chart');
        },
      ],
    },
  };
}

/** A value between two gaps is no line; it is drawn as a dot. */
const alone: uPlot.Series.Points.Filter = (u, series, show) => {
  const values = u.data[series];
  if (!show || values === undefined) return [];
  return [...values.keys()].filter(
    (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null,
  );
};

/** As the style sheet has it; a canvas does not inherit. */
const family =
  'Inter, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

function seriesOf(line: Line): uPlot.Series {
  return {
    scale: line.right ? 'right' : 'y',
    stroke: () => color(line.color),
    width: line.right ? 1 : 1.5,
    points: { show: true, size: 4, filter: alone },
    ...(line.dashed ? { dash: [5, 4] } : {}),
    ...(line.filled ? { fill: () => `${color(line.color)}22` } : {}),
  };
}

const timeSteps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400,
];

function timeLabel({ relative }: Timeline, seconds: number): string {
  if (relative) return elapsed(seconds * 1000);
  const text = clock(seconds * 1000);
  return seconds % 60 === 0 ? text.slice(0, 5) : text;
}

function labels(line: Line | undefined): uPlot.Axis.DynamicValues {
  return (_, splits) => splits.map((split) => (split == null ? '' : (line?.format(split) ?? '')));
}

function axis(extra: uPlot.Axis): uPlot.Axis {
  return {
    stroke: () => color('muted'),
    font: `11px ${family}`,
    gap: 6,
    grid: { stroke: () => color('grid'), width: 1 },
    ticks: { show: false },
    ...extra,
  };
}

/** Labels at powers of ten alone, or their halves and fifths too where there are few. */
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

/** A line where a stretch of the planned load begins, and its name where there is room. */
function drawPhases(u: uPlot, { timeline, phaseNames }: ChartProps): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const originSeconds = timeline.relative ? 0 : timeline.originMs / 1000;
  ctx.save();
  ctx.strokeStyle = color('phase');
  ctx.fillStyle = color('muted');
  ctx.font = `${10.5 * ratio}px ${family}`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  for (const { name, startMs, durationMs } of timeline.loadPhases) {
    const from = u.valToPos(originSeconds + startMs / 1000, 'x', true);
    const to = u.valToPos(originSeconds + (startMs + durationMs) / 1000, 'x', true);
    const start = Math.max(from, bbox.left);
    const room = Math.min(to, bbox.left + bbox.width) - start - 10 * ratio;
    if (room < 0) continue;
    if (from > bbox.left + 1) {
      ctx.beginPath();
      ctx.moveTo(from, bbox.top);
      ctx.lineTo(from, bbox.top + bbox.height);
      ctx.stroke();
    }
    const text = escapeUnseen(phaseLabel(name), 40);
    if (phaseNames && ctx.measureText(text).width < room) {
      ctx.fillText(text, start + 5 * ratio, bbox.top - 10 * ratio);
    }
  }
  ctx.restore();
}
