/** At the top of the page: members of the cluster that do not answer, or are slow. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import { ledCluster } from '../../run/cluster-part.ts';
import type { RunState } from '../../run/state.ts';
import { Icon, Prose } from '../ui.tsx';
import { memberRows } from './member-rows.ts';
import { troubleWords } from './trouble-words.ts';

export function MemberTrouble({
  run,
  summary,
}: Readonly<{ run: RunState; summary: Summary | undefined }>): JSX.Element | null {
  const { outcome } = run;
  const cluster = ledCluster(run.cluster);
  if (cluster === undefined) return null;
  const words = troubleWords(memberRows(cluster, summary), outcome !== undefined);
  if (words === undefined) return null;
  return (
    <div class="generator suspect" role={outcome === undefined ? 'alert' : undefined}>
      <Icon name="warn" />
      <p>
        <b>{words.title}</b> <Prose text={words.text} /> <a href="#members">See all members</a>
      </p>
    </div>
  );
}
