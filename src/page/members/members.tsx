/** The members of a cluster: what each fires, and which of them are in trouble. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Summary } from '../../report/summary.ts';
import type { ClusterInfo } from '../../run/cluster-info.ts';
import { count, plural } from '../format.ts';
import { Scroller, Section } from '../ui.tsx';
import { Row } from './member-row.tsx';
import { byTrouble, type MemberRow, matching, memberRows } from './member-rows.ts';

/** So many are shown at once, in their rank. Of more, the first by trouble. */
const mostAtOnce = 20;
const firstFew = 10;

type Props = Readonly<{
  cluster: ClusterInfo;
  summary: Summary | undefined;
  live: boolean;
  nowMs: number;
}>;

export function Members({ cluster, summary, live, nowMs }: Props): JSX.Element {
  const [all, setAll] = useState(false);
  const [filter, setFilter] = useState('');
  const rows = memberRows(cluster, summary);
  const isMany = rows.length > mostAtOnce;
  const found = matching(isMany ? byTrouble(rows) : rows, filter);
  const shown = isMany && !all ? found.slice(0, firstFew) : found;
  return (
    <Section
      id="members"
      title="Members"
      aside={
        isMany ? (
          <div class="filter">
            <input
              type="search"
              placeholder="Filter members"
              aria-label="Filter by id, launch index, state or trouble"
              value={filter}
              onInput={(event) => setFilter(event.currentTarget.value)}
            />
            <span class="hint" role="status">
              {found.length === rows.length
                ? inTrouble(rows)
                : `${count(found.length)} of ${plural(rows.length, 'member')}`}
            </span>
          </div>
        ) : (
          <span class="hint">{ofExpected(cluster)}</span>
        )
      }
    >
      <Table rows={shown} final={summary?.final ?? false} live={live} nowMs={nowMs} />
      {isMany && found.length > firstFew && (
        <p class="more-members">
          <button type="button" class="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${plural(found.length, 'member')}`}
          </button>
        </p>
      )}
      <p class="hint members-hint">
        All other figures and charts on this page are those of all members together.
      </p>
    </Section>
  );
}

function Table({
  rows,
  final,
  live,
  nowMs,
}: Readonly<{
  rows: readonly MemberRow[];
  final: boolean;
  live: boolean;
  nowMs: number;
}>): JSX.Element {
  return (
    <Scroller label="Figures by member">
      <table class="members">
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">State</th>
            <th scope="col">Share</th>
            <th scope="col">{final ? 'Mean rate' : 'Rate'}</th>
            <th scope="col">Requests</th>
            <th scope="col">Failed</th>
            {!final && <th scope="col">Users</th>}
            <th scope="col">Mean CPU</th>
            <th scope="col">Own delay p99</th>
            <th scope="col">Generator</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.member.instanceId} row={row} final={final} live={live} nowMs={nowMs} />
          ))}
          {rows.length === 0 && (
            <tr>
              <td colSpan={10} class="empty">
                No member matches.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </Scroller>
  );
}

function ofExpected({ members, size }: ClusterInfo): string {
  return members.length === size
    ? plural(members.length, 'member')
    : `${count(members.length)} of the ${plural(size, 'member')} that were expected`;
}

function inTrouble(rows: readonly MemberRow[]): string {
  const troubled = rows.filter(({ troubles }) => troubles.length > 0).length;
  const all = plural(rows.length, 'member');
  return troubled === 0 ? all : `${all}, ${count(troubled)} with trouble`;
}
