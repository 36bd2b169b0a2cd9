/** Draws into a chart what its limits are called. */

import uPlot from 'uplot';
import { color, fontFamily } from '../theme.ts';
import type { ChartProps } from './timeline.ts';

type Box = Readonly<{ left: number; right: number; y: number }>;

/** A label at the right end of each limit; of one above the chart, at its upper edge. */
export function drawLimits(u: uPlot, { lines }: ChartProps): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const height = 14 * ratio;
  const taken: Box[] = [];
  ctx.save();
  ctx.font = `600 ${10.5 * ratio}px ${fontFamily}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  for (const [index, line] of lines.entries()) {
    const value = line.values[0];
    if (line.limit === undefined || value == null || u.series[index + 1]?.show === false) continue;
    const at = u.valToPos(value, line.right ? 'right' : 'y', true);
    const isAbove = at < bbox.top - 1;
    const text = isAbove ? `↑ ${line.label}` : line.label;
    const width = ctx.measureText(text).width;
    const isAtTop = at - height < bbox.top;
    const y = isAbove ? bbox.top + height / 2 : at + (isAtTop ? height : -height) / 2;
    const right = taken
      .filter((box) => Math.abs(box.y - y) < height)
      .reduce((edge, box) => Math.min(edge, box.left - 10 * ratio), bbox.left + bbox.width);
    const left = right - width - 8 * ratio;
    if (left < bbox.left) continue;
    taken.push({ left, right, y });
    ctx.globalAlpha = 0.85;
    ctx.fillStyle = color('panel');
    ctx.fillRect(left, y - height / 2, right - left, height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = color(line.color);
    ctx.fillText(text, right - 4 * ratio, y);
  }
  ctx.restore();
}
