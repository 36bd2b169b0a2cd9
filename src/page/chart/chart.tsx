/**
 * One uPlot chart, with the load's phases and a legend; cursor and zoom are shared with its
 * neighbours.
 */

import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { escapeUnseen } from '../../text.ts';
import { clock, elapsed } from '../format.ts';
import { isOnPaper, onThemeChange } from '../theme.ts';
import { pressed } from './chart-keys.ts';
import { dataOf, options } from './chart-options.ts';
import type { ChartLine, ChartProps, ChartTimeline } from './timeline.ts';

/** What a page of A4 across has for each of two charts side by side: no event says it. */
const paperWidth = 486;

/** `aside`: a control that stands in the chart's head. */
export function Chart(
  props: ChartProps & Readonly<{ aside?: JSX.Element | undefined }>,
): JSX.Element {
  const { title, unit, rightUnit, lines, timeline, logarithmic = false, aside } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const [at, setAt] = useState<number>();
  const [off, setOff] = useState<ReadonlySet<string>>(
    new Set(lines.flatMap(({ label, hidden }) => (hidden ? [label] : []))),
  );
  const structure = JSON.stringify([
    lines.map(({ label, color }) => [label, color]),
    logarithmic,
    timeline.relative,
  ]);

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(
      options(latest, element.clientWidth, setAt),
      dataOf(latest.current),
      element,
    );
    plot.current = made;
    for (const [index, { label }] of lines.entries()) {
      if (off.has(label)) made.setSeries(index + 1, { show: false });
    }
    const resize = (): void => {
      const width = isOnPaper() ? paperWidth : element.clientWidth;
      if (width !== made.width) made.setSize({ width, height: made.height });
    };
    const resized = new ResizeObserver(resize);
    resized.observe(element);
    const stopRedraw = onThemeChange(() => {
      resize();
      made.redraw(false);
    });
    return () => {
      stopRedraw();
      resized.disconnect();
      made.destroy();
    };
  }, [structure]);

  useEffect(() => plot.current?.setData(dataOf(latest.current), true), [lines, timeline]);

  const toggle = (label: string, index: number): void => {
    const next = new Set(off);
    if (!next.delete(label)) next.add(label);
    setOff(next);
    plot.current?.setSeries(index + 1, { show: !next.has(label) });
  };

  const label = `${title}, in ${unit}${rightUnit === undefined ? '' : ` and ${rightUnit}`}`;
  return (
    <figure class="chart panel">
      <figcaption>
        <h3>{title}</h3>
        <span class="unit">
          {unit}
          {rightUnit !== undefined && ` · right: ${rightUnit}`}
        </span>
        {aside}
        <span class="readout">{at === undefined ? '' : moment(timeline, at)}</span>
      </figcaption>
      <div
        class="plot"
        ref={host}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the cursor
        tabIndex={0}
        role="img"
        aria-label={`${label}. Arrow keys read out values, plus and minus zoom.`}
        onKeyDown={(event) => plot.current && pressed(event, plot.current, latest.current.timeline)}
      />
      <ul class="legend">
        {lines.map((line, index) => (
          <li key={line.label}>
            <button
              type="button"
              aria-pressed={!off.has(line.label)}
              onClick={() => toggle(line.label, index)}
            >
              <i class={`swatch ${line.color}${line.dashed ? ' dashed' : ''}`} />
              <bdi class="name">{escapeUnseen(line.label, 80)}</bdi>
              <b>{at === undefined ? markOf(line) : line.format(line.values[at])}</b>
            </button>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function markOf({ limit }: ChartLine): string {
  return limit === 'missed' ? 'missed' : '';
}

function moment({ times, originMs, relative }: ChartTimeline, index: number): string {
  const seconds = times[index];
  if (seconds === undefined) return '';
  if (relative) return elapsed(seconds * 1000);
  return `${clock(seconds * 1000)} · ${elapsed(seconds * 1000 - originMs)}`;
}
