/** A line without axes, small enough to go next to a figure. */

import type { JSX } from 'preact';
import type { Column } from '../chart/timeline.ts';
import { most } from './figures.ts';

const points = 60;

/** A line without axes; it shows the highest value of each section, so that no peak is lost. */
export function Spark({ values }: { values: Column }): JSX.Element {
  const stretch = Math.max(1, Math.ceil(values.length / points));
  const highs = Array.from({ length: Math.ceil(values.length / stretch) }, (_, index) =>
    most(values.slice(index * stretch, (index + 1) * stretch)),
  );
  const top = most(highs) || 1;
  const x = (index: number): number => (index / Math.max(1, highs.length - 1)) * 100;
  const shown = highs.flatMap((value, index) =>
    value === null ? [] : [`${x(index).toFixed(1)},${(29 - (value / top) * 27).toFixed(1)}`],
  );
  const [first, last] = [shown[0], shown.at(-1)];
  return (
    <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      {first !== undefined && last !== undefined && (
        <>
          <polygon
            points={`${first.split(',')[0]},30 ${shown.join(' ')} ${last.split(',')[0]},30`}
          />
          <polyline points={shown.join(' ')} />
        </>
      )}
    </svg>
  );
}
