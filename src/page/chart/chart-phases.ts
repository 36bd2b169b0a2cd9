/** Marks in a chart where the phases of the planned load begin. */

import uPlot from 'uplot';
import { escapeUnseen } from '../../text.ts';
import { phaseLabel } from '../status/plan.ts';
import { color, fontFamily } from '../theme.ts';
import type { ChartProps } from './timeline.ts';

/** A line where a phase of the planned load begins, and its name if there is room. */
export function drawPhases(u: uPlot, { timeline, phaseNames }: ChartProps): void {
  const { ctx, bbox } = u;
  const ratio = uPlot.pxRatio;
  const originSeconds = timeline.relative ? 0 : timeline.originMs / 1000;
  ctx.save();
  ctx.strokeStyle = color('phase');
  ctx.fillStyle = color('muted');
  ctx.font = `${10.5 * ratio}px ${fontFamily}`;
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
