/** A chart by keyboard: arrows move the cursor of all charts, plus and minus zoom. */

import type uPlot from 'uplot';
import type { ChartTimeline } from './timeline.ts';

export function pressed(
  event: KeyboardEvent,
  u: uPlot,
  { times, zoom, onZoom }: ChartTimeline,
): void {
  const [low = 0, high = 1] = zoom ?? [times[0], times.at(-1)];
  const index = u.cursor.idx ?? (event.key === 'ArrowLeft' ? times.length : -1);
  const centre = times[index] ?? (low + high) / 2;
  const moved = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: times.length - 1 };
  const factor = { '+': 0.5, '=': 0.5, '-': 2 };
  const target = Object.entries(moved).find(([key]) => key === event.key)?.[1];
  const scale = Object.entries(factor).find(([key]) => key === event.key)?.[1];
  if (target !== undefined) {
    const time = times[Math.min(times.length - 1, Math.max(0, target))] ?? 0;
    // The third parameter, which moves the neighbours' cursors too, is missing in uPlot's types.
    const move: (at: { left: number; top: number }, fire: boolean, publish: boolean) => void =
      u.setCursor;
    move({ left: u.valToPos(time, 'x'), top: u.over.clientHeight / 2 }, true, true);
  } else if (scale !== undefined) {
    const half = Math.max(1, ((high - low) / 2) * scale);
    const [from = 0, to = 1] = [times[0], times.at(-1)];
    const wide = half * 2 >= to - from;
    onZoom(wide ? undefined : [Math.max(from, centre - half), Math.min(to, centre + half)]);
  } else if (event.key === 'Escape' || event.key === '0') {
    onZoom(undefined);
  } else {
    return;
  }
  event.preventDefault();
}
