/** Every name's figures: to be sorted, filtered and opened; only the rows in sight are in the document. */

import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { NameStats, Summary } from '../results/summary.ts';
import { count, figure, milliseconds, plural, sharePercent } from './format.ts';
import { NameDialog } from './name-dialog.tsx';
import { Name, Section, Value } from './parts.tsx';
import { columns, defaultSort, isOfKind, type KindFilter, rowsOf, type Sort } from './rows.ts';

const kindChoices: readonly (readonly [KindFilter, string])[] = [
  ['main', 'Requests and transactions'],
  ['request', 'Requests'],
  ['transaction', 'Transactions'],
  ['page', 'Pages'],
  ['connect', 'Connections'],
  ['all', 'All kinds'],
];

const rowHeight = 37;
const windowRows = 18;
const margin = 8;

export function Names({
  summary,
  fetchFull,
}: {
  summary: Summary;
  fetchFull: (() => Promise<Summary>) | undefined;
}): JSX.Element {
  const { names } = summary;
  const [sort, setSort] = useState<Sort>(defaultSort);
  const [filter, setFilter] = useState('');
  const [chosen, setChosen] = useState<KindFilter>();
  const [open, setOpen] = useState<string>();
  const hasMain = names.some((each) => isOfKind(each, 'main'));
  const kind = chosen ?? (hasMain ? 'main' : 'all');
  const rows = useMemo(() => rowsOf(names, { sort, filter, kind }), [names, sort, filter, kind]);
  const choices = kindChoices.filter(
    ([value]) => value === 'all' || names.some((each) => isOfKind(each, value)),
  );
  const opened = names.find((each) => keyOf(each) === open);
  return (
    <Section
      id="names"
      title="Requests and transactions"
      aside={
        <div class="filter">
          {choices.length > 3 && (
            <select
              aria-label="Kind"
              value={kind}
              onChange={({ currentTarget }) =>
                setChosen(choices.find(([value]) => value === currentTarget.value)?.[0])
              }
            >
              {choices.map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          )}
          <input
            type="search"
            placeholder="Filter by name"
            aria-label="Filter by name"
            value={filter}
            onInput={(event) => setFilter(event.currentTarget.value)}
          />
          <span class="hint" role="status">
            {rows.length === names.length
              ? plural(names.length, 'name')
              : `${count(rows.length)} of ${plural(names.length, 'name')}`}
          </span>
        </div>
      }
    >
      <Table rows={rows} sort={sort} onSort={setSort} onOpen={(row) => setOpen(keyOf(row))} />
      {summary.sampling.requests !== 'each' && (
        <p class="hint">
          {summary.sampling.note ??
            'The engine has no row for each request of this protocol, so names have no percentiles.'}
        </p>
      )}
      {opened !== undefined && (
        <NameDialog
          stats={opened}
          summary={summary}
          fetchFull={fetchFull}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Section>
  );
}

function Table({
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
          <Value value={value} format={milliseconds} />
        </td>
      ))}
      <td class={row.failed > 0 ? 'bad' : undefined}>
        <Value value={row.failed} format={count} />
      </td>
      <td class={row.failed > 0 ? 'bad' : undefined}>
        <Value value={row.count === 0 ? undefined : row.failed / row.count} format={sharePercent} />
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

function keyOf({ kind, name }: NameStats): string {
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
