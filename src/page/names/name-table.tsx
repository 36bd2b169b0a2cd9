/** The table of names; only the rows in sight are in the document. */

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { failedShare, otherP95 } from '../../results/failed-share.ts';
import type { NameStats } from '../../results/measurements.ts';
import { atLeast, count, figure, milliseconds, sharePercent } from '../format.ts';
import { Name, Value } from '../ui.tsx';
import { columns, type Sort } from './rows.ts';

const rowHeight = 37;
const windowRows = 18;
const margin = 8;
/** Among the durations of a row. */
const p95Column = 3;

export function NameTable({
  rows,
  sort,
  onSort,
  onOpen,
}: {
  rows: readonly NameStats[];
  sort: Sort;
  onSort: (sort: Sort) => void;
  onOpen: (row: NameStats) => void;
}): JSX.Element {
  const [top, setTop] = useState(0);
  const paper = useOnPaper();
  const scroller = useRef<HTMLElement>(null);
  const windowed = rows.length > windowRows + margin && !paper;
  const first = windowed
    ? Math.max(0, Math.min(Math.floor(top / rowHeight) - margin, rows.length - windowRows))
    : 0;
  const shown = windowed ? rows.slice(first, first + windowRows + 2 * margin) : rows;
  const below = rows.length - first - shown.length;
  useEffect(() => scroller.current?.scrollTo({ top: 0 }), [sort]);
  return (
    <section
      class={`table panel${windowed ? ' windowed' : ''}`}
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Figures by name"
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <table class="names" aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map(({ key, label, unit, descending }) => {
              const current = sort.key === key;
              const direction = sort.descending ? 'descending' : 'ascending';
              return (
                <th key={key} scope="col" aria-sort={current ? direction : undefined}>
                  <button
                    type="button"
                    onClick={() =>
                      onSort({ key, descending: current ? !sort.descending : descending })
                    }
                  >
                    {label}
                    {unit !== undefined && <small>{unit}</small>}
                    <i class="arrow" aria-hidden="true">
                      {current && (sort.descending ? '↓' : '↑')}
                    </i>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Gap rows={first} />}
          {shown.map((row, index) => (
            <Row key={keyOf(row)} row={row} index={first + index + 2} onOpen={onOpen} />
          ))}
          {below > 0 && <Gap rows={below} />}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} class="empty">
                No name matches.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

function Row({
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
  const [failedCount, failedPercent] =
    row.failedAtMost === undefined
      ? [count, sharePercent]
      : [atLeast(count), atLeast(sharePercent)];
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
            <small title="p95 of those that did not fail">
              <Value value={p95Ok} format={milliseconds} /> ok{' '}
            </small>
          )}
          <Value value={value} format={milliseconds} />
        </td>
      ))}
      <td class={failedClass}>
        <Value value={row.failed} format={failedCount} />
      </td>
      <td class={failedClass}>
        <Value value={failedShare(row)} format={failedPercent} />
      </td>
    </tr>
  );
}

function Gap({ rows }: { rows: number }): JSX.Element {
  return (
    <tr class="gap" style={{ height: `${rows * rowHeight}px` }}>
      <td colSpan={columns.length} />
    </tr>
  );
}

/** Names of different kinds may be the same. */
export function keyOf({ kind, name }: NameStats): string {
  return `${kind} ${name}`;
}

/** On paper nothing scrolls. */
function useOnPaper(): boolean {
  const [paper, setPaper] = useState(false);
  useEffect(() => {
    const root = document.documentElement;
    const observer = new MutationObserver(() => setPaper(root.dataset['look'] === 'paper'));
    observer.observe(root, { attributeFilter: ['data-look'] });
    return () => observer.disconnect();
  }, []);
  return paper;
}
