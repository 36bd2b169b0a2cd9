/** One name's figures as a row of the table. */

import type { JSX } from 'preact';
import { failedShare, otherP95 } from '../../results/failed-share.ts';
import type { NameStats } from '../../results/measurements.ts';
import { count, figure, milliseconds, sharePercent } from '../format.ts';
import { Name, Value } from '../ui.tsx';

/** Its place among the durations of a row. */
const p95Column = 3;

export function NameRow({
  row,
  index,
  onOpen,
}: {
  row: NameStats;
  index: number;
  onOpen: (row: NameStats) => void;
}): JSX.Element {
  const { latency } = row;
  const durations = [
    latency?.meanMs ?? row.meanMs,
    latency?.p50Ms,
    latency?.p90Ms,
    latency?.p95Ms,
    latency?.p99Ms,
    latency?.p999Ms,
    latency?.maxMs,
  ];
  const p95Ok = latency && otherP95(latency);
  const failedClass = row.failed !== undefined && row.failed > 0 ? 'bad' : undefined;
  return (
    <tr aria-rowindex={index} onClick={() => onOpen(row)}>
      <th scope="row">
        <button type="button" aria-haspopup="dialog">
          <Name text={row.name} />
        </button>
        {row.kind !== 'request' && <span class="kind">{row.kind}</span>}
      </th>
      <td>
        <Value value={row.count} format={count} />
      </td>
      <td>
        <Value value={row.perSecond} format={figure} />
      </td>
      {durations.map((value, column) => (
        <td key={column}>
          {column === p95Column && p95Ok !== undefined && (
            <small title="p95 without failures">
              <Value value={p95Ok} format={milliseconds} /> ok{' '}
            </small>
          )}
          <Value value={value} format={milliseconds} />
        </td>
      ))}
      <td class={failedClass}>
        <Value value={row.failed} format={count} />
      </td>
      <td class={failedClass}>
        <Value value={failedShare(row)} format={sharePercent} />
      </td>
    </tr>
  );
}
