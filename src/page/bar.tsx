/** The bar at the top: the places of the page, and what can be done. */

import type { JSX } from 'preact';
import type { Summary } from '../report/summary.ts';
import { ledCluster } from '../run/cluster-part.ts';
import { ChooseOther } from './compare/choose-other.tsx';
import type { OtherRun } from './compare/other-run.ts';
import type { PageData } from './page-data.ts';
import { Stop } from './stop/stop.tsx';

type Props = Readonly<{
  data: PageData;
  live: boolean;
  onChosen: (other: OtherRun | undefined) => void;
}>;

export function Bar({ data, live, onChosen }: Props): JSX.Element {
  const { run, summary } = data;
  const measured = isMeasured(summary);
  return (
    <nav class="bar" aria-label="On this page">
      <span class="brand">Onager</span>
      <span class="places">
        {measured && <a href="#charts">Charts</a>}
        {ledCluster(run.cluster) !== undefined && <a href="#members">Members</a>}
        {measured && <a href="#names">Requests</a>}
        {measured && <a href="#distribution">Whole run</a>}
        {measured && summary.errors.length > 0 && <a href="#errors">Errors</a>}
        <a href="#details">Details</a>
        {(live || data.files !== undefined) && <a href="#files">Files</a>}
      </span>
      <span class="actions">
        {measured && <ChooseOther live={live} onChosen={onChosen} />}
        {live && run.phase === 'running' && (
          <Stop asked={run.stopAskedAt !== undefined} cluster={run.cluster} />
        )}
      </span>
    </nav>
  );
}

export function isMeasured(summary: Summary | undefined): summary is Summary {
  return summary !== undefined && summary.series.requests.length > 0;
}
