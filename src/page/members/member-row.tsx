/** One member of a cluster as a row of the table. */

import type { ComponentChildren, JSX } from 'preact';
import { clock, count, latency, percent, rate, share, span } from '../format.ts';
import { Icon, Name, Prose, Time, Value } from '../ui.tsx';
import type { MemberRow } from './member-rows.ts';
import { notesOf, pageOf, stateWord, toneOf } from './member-words.ts';

type Props = Readonly<{
  row: MemberRow;
  final: boolean;
  /** In a file, links would lead to instances that are gone. */
  live: boolean;
  nowMs: number;
}>;

export function Row({ row, final, live, nowMs }: Props): JSX.Element {
  const { member, stats, perSecond, troubles, users } = row;
  const { generator } = stats ?? {};
  const failed = stats?.failed ?? 0;
  return (
    <tr class={troubles.length > 0 ? 'troubled' : undefined}>
      <th scope="row">
        <Who row={row} live={live} />
        {notesOf(row, final).map((note) => (
          <small key={note} class="member-note">
            <Prose text={note} />
          </small>
        ))}
      </th>
      <Cell label="State" text>
        <State row={row} final={final} nowMs={nowMs} />
      </Cell>
      <Cell label="Share">
        <Value value={member.share} format={share} />
      </Cell>
      <Cell label={final ? 'Mean rate' : 'Rate'}>
        <Value value={perSecond} format={rate} />
      </Cell>
      <Cell label="Requests">
        <Value value={stats?.requests} format={count} />
      </Cell>
      <Cell label="Failed" bad={failed > 0}>
        <Value value={stats?.failed} format={count} />
      </Cell>
      {!final && (
        <Cell label="Users">
          <Value value={users} format={count} />
        </Cell>
      )}
      <Cell label="Mean CPU">
        <Value value={generator?.cpuMeanPercent} format={percent} />
      </Cell>
      <Cell label="Own delay p99">
        <Value value={generator?.delay?.p99Ms} format={latency} />
      </Cell>
      <Cell label="Generator" text>
        {generator === undefined || (generator.verdict === 'unknown' && !final) ? (
          <span class="none">–</span>
        ) : (
          <span class={`member-verdict ${generator.verdict}`}>{generator.verdict}</span>
        )}
      </Cell>
    </tr>
  );
}

/** `label`: said again where a row is shown as a card. */
function Cell({
  label,
  text = false,
  bad = false,
  children,
}: Readonly<{
  label: string;
  text?: boolean;
  bad?: boolean;
  children: ComponentChildren;
}>): JSX.Element {
  const classes = [...(text ? ['text'] : []), ...(bad ? ['bad'] : [])].join(' ');
  return (
    <td data-label={label} class={classes === '' ? undefined : classes}>
      {children}
    </td>
  );
}

function Who({ row, live }: Readonly<{ row: MemberRow; live: boolean }>): JSX.Element {
  const { isLeader, isSelf, member } = row;
  const page = live && !isSelf ? pageOf(member) : undefined;
  const name = <Name text={member.instanceId} max={60} />;
  return (
    <span class="who">
      {page === undefined ? name : <a href={page}>{name}</a>}
      <span class="kind" title="Launch index">
        {count(member.launchIndex)}
      </span>
      {isLeader && <span class="kind leader">leader</span>}
    </span>
  );
}

function State({ row, final, nowMs }: Omit<Props, 'live'>): JSX.Element {
  const { member } = row;
  const { silentSince } = member;
  const since = silentSince === undefined ? Number.NaN : Date.parse(silentSince);
  const isGone = member.state === 'silent' || member.state === 'lost';
  return (
    <span class={`member-state ${toneOf(member)}`}>
      <Icon name={toneOf(member)} />
      <span>
        {stateWord(member)}
        {isGone && Number.isFinite(since) && (
          <small>
            {' '}
            {member.state === 'lost' ? 'silent ' : ''}since <Time at={since} format={clock} />
            {!final && member.state === 'silent' && <>, {span(Math.max(0, nowMs - since))}</>}
          </small>
        )}
      </span>
    </span>
  );
}
