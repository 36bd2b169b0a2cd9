/** Two runs name by name. */

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import { failedShare } from '../../results/failed-share.ts';
import { count, type Figure, type Format, milliseconds, share } from '../format.ts';
import { Name, Scroller, Value } from '../ui.tsx';
import { type Better, Change } from './compare-change.tsx';
import type { OtherName, OtherRun } from './other-run.ts';

const shownNames = 300;

export function CompareNames({
  summary,
  other,
}: Readonly<{ summary: Summary; other: OtherRun }>): JSX.Element {
  const pairs = useMemo(() => pairsOf(other.names, summary.names), [summary, other]);
  return (
    <Scroller label="Both runs by name">
      <table class="compare">
        <thead>
          <tr>
            <th scope="col">
              Name <span class="hint">other, this, change</span>
            </th>
            {['Count', 'p50 ms', 'p95 ms', 'p99 ms', 'Errors'].map((label) => (
              <th key={label} scope="colgroup" colSpan={3} class="number">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pairs.slice(0, shownNames).map(({ name, kind, before, now }) => (
            <tr key={`${kind} ${name}`}>
              <th scope="row">
                <Name text={name} />
                {kind !== 'request' && <span class="kind">{kind}</span>}
              </th>
              <Cells before={before?.count} now={now?.count} format={count} better="neither" />
              <Cells before={before?.latency?.p50Ms} now={now?.latency?.p50Ms} />
              <Cells before={before?.latency?.p95Ms} now={now?.latency?.p95Ms} />
              <Cells before={before?.latency?.p99Ms} now={now?.latency?.p99Ms} />
              <Cells
                before={before && failedShare(before)}
                now={now && failedShare(now)}
                format={share}
              />
            </tr>
          ))}
        </tbody>
      </table>
      {pairs.length > shownNames && (
        <p class="hint">
          The {shownNames} most frequent of {count(pairs.length)} names.
        </p>
      )}
    </Scroller>
  );
}

function Cells({
  before,
  now,
  format = milliseconds,
  better = 'less',
}: Readonly<{
  before: Figure;
  now: Figure;
  format?: Format;
  better?: Better;
}>): JSX.Element {
  return (
    <>
      <td class="before">
        <Value value={before} format={format} />
      </td>
      <td>
        <Value value={now} format={format} />
      </td>
      <Change before={before} now={now} better={better} />
    </>
  );
}

type Pair = Readonly<{
  name: string;
  kind: string;
  before: OtherName | undefined;
  now: OtherName | undefined;
}>;

function pairsOf(before: readonly OtherName[], now: readonly OtherName[]): readonly Pair[] {
  const keyOf = ({ kind, name }: OtherName): string => `${kind} ${name}`;
  const old = new Map(before.map((stats) => [keyOf(stats), stats]));
  const mine = new Set(now.map(keyOf));
  return [
    ...now.map((stats) => ({
      name: stats.name,
      kind: stats.kind,
      before: old.get(keyOf(stats)),
      now: stats,
    })),
    ...before
      .filter((stats) => !mine.has(keyOf(stats)))
      .map((stats) => ({ name: stats.name, kind: stats.kind, before: stats, now: undefined })),
  ].toSorted((a, b) => countOf(b) - countOf(a));
}

function countOf({ before, now }: Pair): number {
  return now?.count ?? before?.count ?? 0;
}
