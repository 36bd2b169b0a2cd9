/** The figures of every name, to sort, filter and open. */

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import { count, plural } from '../format.ts';
import { Section } from '../ui.tsx';
import { NameDialog } from './name-dialog.tsx';
import { NameTable } from './name-table.tsx';
import { defaultSort, isOfKind, type KindFilter, keyOf, rowsOf, type Sort } from './rows.ts';

const kindChoices: readonly (readonly [KindFilter, string])[] = [
  ['main', 'Requests and transactions'],
  ['request', 'Requests'],
  ['transaction', 'Transactions'],
  ['page', 'Pages'],
  ['connect', 'Connections'],
  ['all', 'All kinds'],
];

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
      <NameTable
        isEmpty={names.length === 0}
        rows={rows}
        sort={sort}
        onSort={setSort}
        onOpen={(row) => setOpen(keyOf(row))}
      />
      {summary.sampling.requests !== 'each' && (
        <p class="hint">
          {summary.sampling.note ??
            'For this protocol the engine does not record each request, so names have no percentiles.'}
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
