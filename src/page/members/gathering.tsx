/** While the members of a cluster gather: who is there, who is missing, and until when. */

import type { JSX } from 'preact';
import type { ClusterInfo } from '../../run/cluster-info.ts';
import type { ClusterMember } from '../../run/cluster-member.ts';
import type { Awaited, RunState } from '../../run/state.ts';
import { Advice } from '../advice/advice.tsx';
import { clock, count, plural, span } from '../format.ts';
import { Icon, Name, Time } from '../ui.tsx';
import { hereOf, inRanges, missingIndexes } from './gathered.ts';
import { stateWord, toneOf } from './member-words.ts';

/** Of more members, those that are there are shown on demand. */
const mostAtOnce = 20;

export function Gathering({
  run,
  nowMs,
}: Readonly<{ run: RunState; nowMs: number }>): JSX.Element | null {
  const { cluster, phase } = run;
  if (phase !== 'gathering' || cluster === undefined) return null;
  const { leader, size } = cluster;
  const here = hereOf(cluster);
  const missing = leader === undefined ? Math.max(0, size - here) : 0;
  // Once all have come, nobody waits for them any more.
  const awaiting = missing > 0 || leader !== undefined ? run.awaiting : undefined;
  return (
    <div class="gathering">
      <progress max={size} value={here} aria-label="Members that are here" />
      {awaiting !== undefined && (
        <Countdown awaiting={awaiting} cluster={cluster} missing={missing} nowMs={nowMs} />
      )}
      {size <= mostAtOnce ? (
        <Slots cluster={cluster} missing={missing} />
      ) : (
        <Many cluster={cluster} missing={missing} />
      )}
      {awaiting?.lastAnswer !== undefined && (
        <div class="gathering-answer">
          <Icon name="warn" />
          <div>
            <Advice text={awaiting.lastAnswer} />
          </div>
        </div>
      )}
    </div>
  );
}

function Countdown({
  awaiting,
  cluster,
  missing,
  nowMs,
}: Readonly<{
  awaiting: Awaited;
  cluster: ClusterInfo;
  missing: number;
  nowMs: number;
}>): JSX.Element {
  const { until, what } = awaiting;
  const leftMs = until === undefined ? 0 : Math.max(0, Date.parse(until) - nowMs);
  return (
    <p class="countdown">
      <span>
        Waiting for{' '}
        {missing === 0 ? <Name text={what} max={200} /> : plural(missing, 'more member')}, for{' '}
        <b>{span(Math.max(0, nowMs - Date.parse(awaiting.since)))}</b> so far.
      </span>
      {until === undefined ? (
        <span class="left">There is no time limit</span>
      ) : (
        <span class="left">
          <b>{span(leftMs)}</b> left, until <Time at={until} format={clock} />
          {missing > 0 &&
            (cluster.quorum < cluster.size
              ? `; then ${count(cluster.quorum)} are enough`
              : '; then nobody fires')}
        </span>
      )}
    </p>
  );
}

function Slots({
  cluster,
  missing,
}: Readonly<{ cluster: ClusterInfo; missing: number }>): JSX.Element {
  const indexes = missingIndexes(cluster) ?? [];
  return (
    <ul class="slots">
      {cluster.members.map((member) => (
        <Slot key={member.instanceId} member={member} cluster={cluster} />
      ))}
      {Array.from({ length: hereOf(cluster) - cluster.members.length }, (_, index) => (
        <li key={`heard ${index}`}>
          <Icon name="pass" />
          <div>Another member is here</div>
        </li>
      ))}
      {Array.from({ length: missing }, (_, index) => (
        <li key={index} class="missing">
          {indexes[index] === undefined
            ? 'Not here yet'
            : `Index ${indexes[index]} is not here yet`}
        </li>
      ))}
    </ul>
  );
}

function Slot({
  member,
  cluster,
}: Readonly<{ member: ClusterMember; cluster: ClusterInfo }>): JSX.Element {
  const { instanceId, launchIndex, state } = member;
  const facts = [
    ...(state === 'gathered' ? [] : [stateWord(member)]),
    ...(instanceId === cluster.self ? ['this instance'] : []),
    ...(instanceId === cluster.leader ? ['leader'] : []),
    `index ${count(launchIndex)}`,
  ];
  return (
    <li>
      <Icon name={toneOf(member)} />
      <div>
        <Name text={instanceId} max={60} />
        <small>
          {facts.join(' · ')} · <Name text={member.address} max={60} />
        </small>
      </div>
    </li>
  );
}

function Many({
  cluster,
  missing,
}: Readonly<{ cluster: ClusterInfo; missing: number }>): JSX.Element {
  const indexes = missingIndexes(cluster) ?? [];
  return (
    <>
      {missing > 0 && indexes.length > 0 && (
        <p class="hint">Missing by launch index: {inRanges(indexes)}</p>
      )}
      <details>
        <summary>{plural(cluster.members.length, 'member')} that are here</summary>
        <ul class="slots">
          {cluster.members.map((member) => (
            <Slot key={member.instanceId} member={member} cluster={cluster} />
          ))}
        </ul>
      </details>
    </>
  );
}
