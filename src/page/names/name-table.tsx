/** The table of names; only the visible rows are in the document. */

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { NameStats } from '../../results/measurements.ts';
import { isOnPaper, onThemeChange } from '../theme.ts';
import { NameRow } from './name-row.tsx';
import { columns, keyOf, type Sort } from './rows.ts';

const rowHeight = 37;
const windowRows = 18;
const margin = 8;
export function NameTable({
  rows,
  sort,
  onSort,
  onOpen,
  isEmpty,
}: {
  rows: readonly NameStats[];
  /** Whether there are no names at all, shown or not. */
  isEmpty: boolean;
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
                  <ColumnHead
                    paper={paper}
                    onClick={() =>
                      onSort({ key, descending: current ? !sort.descending : descending })
                    }
                  >
                    {label}
                    {unit !== undefined && <small>{unit}</small>}
                    <i class="arrow" aria-hidden="true">
                      {current && (sort.descending ? '↓' : '↑')}
                    </i>
                  </ColumnHead>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {first > 0 && <Gap rows={first} />}
          {shown.map((row, index) => (
            <NameRow key={keyOf(row)} row={row} index={first + index + 2} onOpen={onOpen} />
          ))}
          {below > 0 && <Gap rows={below} />}
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length} class="empty">
                {isEmpty ? 'No requests were measured.' : 'No name matches.'}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}

/** Where the head of a table is repeated on each sheet, buttons in it are left blank. */
function ColumnHead({
  paper,
  onClick,
  children,
}: {
  paper: boolean;
  onClick: () => void;
  children: ComponentChildren;
}): JSX.Element {
  if (paper) return <span>{children}</span>;
  return (
    <button type="button" onClick={onClick}>
      {children}
    </button>
  );
}

function Gap({ rows }: { rows: number }): JSX.Element {
  return (
    <tr class="gap" style={{ height: `${rows * rowHeight}px` }}>
      <td colSpan={columns.length} />
    </tr>
  );
}

/** On paper nothing scrolls. */
function useOnPaper(): boolean {
  const [paper, setPaper] = useState(isOnPaper());
  useLayoutEffect(() => onThemeChange(() => setPaper(isOnPaper())), []);
  return paper;
}
