/** On a member that does not lead: which part of the load it fires, and where the whole run is. */

import type { JSX } from 'preact';
import { type ClusterPart, partOf, partText } from '../../run/cluster-part.ts';
import type { RunState } from '../../run/state.ts';
import { Icon, Name } from '../ui.tsx';
import { pageOf } from './member-words.ts';

export function PartNote({ run }: { run: RunState }): JSX.Element | null {
  const part = partOf(run.cluster);
  if (part === undefined) return null;
  const isLeaderLost =
    run.outcome?.kind === 'interrupted' && run.outcome.problem.code === 'CLUSTER_LEADER_LOST';
  return (
    <div class={`panel part${isLeaderLost ? ' leader-lost' : ''}`} role="note">
      <Icon name={isLeaderLost ? 'warn' : 'busy'} size={20} />
      <div>
        <p>
          <b>
            This instance {verbOf(run)} {partText(part)}
            {isLeaderLost && ', until it lost its leader'}.
          </b>{' '}
          {isLeaderLost
            ? 'If the leader is still there, the whole run is on '
            : 'The whole run is on '}
          <LeaderLink part={part} />.
        </p>
        <p class="hint">
          Every figure and chart on this page is that of this instance alone. The objectives are
          those of the whole load, so they are not judged here.
        </p>
      </div>
    </div>
  );
}

function verbOf({ outcome, phase }: RunState): string {
  if (outcome !== undefined) return 'fired';
  if (phase === 'failed') return 'was to fire';
  return phase === 'running' ? 'fires' : 'is to fire';
}

function LeaderLink({ part }: { part: ClusterPart }): JSX.Element {
  const page = pageOf(part);
  const name = (
    <>
      the page of its leader, <Name text={part.leader} max={60} />
    </>
  );
  return page === undefined ? name : <a href={page}>{name}</a>;
}
