/** The page as a whole, for every state a run can be in. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Summary } from '../report/summary.ts';
import { isOver, type RunState } from '../run/state.ts';
import { escapeUnseen } from '../text.ts';
import { Charts } from './chart/charts.tsx';
import { Distribution } from './chart/distribution.tsx';
import { ChooseOther } from './compare/choose-other.tsx';
import { Compare } from './compare/compare.tsx';
import type { OtherRun } from './compare/other-run.ts';
import { Connecting, Lost } from './connection.tsx';
import { Details } from './details.tsx';
import { Files } from './files/files.tsx';
import { zoneAt } from './format.ts';
import { isDead, type LiveConnection } from './live.ts';
import { ErrorTable } from './names/error-table.tsx';
import { Names } from './names/names.tsx';
import { Notes } from './numbers/notes.tsx';
import { Numbers } from './numbers/numbers.tsx';
import type { PageData } from './page-data.ts';
import { Head } from './status/head.tsx';
import { Idle } from './status/idle.tsx';
import { Stop } from './status/stop.tsx';
import { Warnings } from './status/warnings.tsx';
import { useTitle } from './title.ts';

/**
 * `connection`: absent in a file. `skewMs`: how far this machine's clock is ahead of the
 * instance's.
 */
export type AppProps = Readonly<{
  data: PageData | undefined;
  connection?: LiveConnection;
  skewMs?: number;
  fetchFull?: () => Promise<Summary>;
}>;

export function App({ data, connection, skewMs = 0, fetchFull }: AppProps): JSX.Element {
  const [other, setOther] = useState<OtherRun>();
  const nowMs = useNow(data, connection) - skewMs;
  useTitle(data, nowMs);
  if (data === undefined) return <Connecting connection={connection} />;
  const { run, summary } = data;
  const measured = summary !== undefined && summary.series.requests.length > 0;
  return (
    <>
      <nav class="bar" aria-label="On this page">
        <span class="brand">Onager</span>
        <span class="places">
          {measured && <a href="#charts">Charts</a>}
          {measured && <a href="#names">Requests</a>}
          {measured && <a href="#distribution">Whole run</a>}
          {measured && summary.errors.length > 0 && <a href="#errors">Errors</a>}
          <a href="#details">Details</a>
          {(connection !== undefined || data.files !== undefined) && <a href="#files">Files</a>}
        </span>
        <span class="actions">
          {measured && <ChooseOther live={connection !== undefined} onChosen={setOther} />}
          {connection !== undefined && run.phase === 'running' && (
            <Stop asked={run.stopAskedAt !== undefined} />
          )}
        </span>
      </nav>
      <Lost connection={connection} over={isAtRest(run)} />
      <main>
        <Head
          run={run}
          summary={measured ? summary : undefined}
          nowMs={nowMs}
          live={connection !== undefined}
        />
        <Warnings warnings={run.warnings} />
        {run.phase === 'idle' && <Idle run={run} />}
        {measured && (
          <>
            <Numbers summary={summary} />
            <Notes summary={summary} />
            {other !== undefined && (
              <Compare summary={summary} other={other} onClose={() => setOther(undefined)} />
            )}
            <Charts summary={summary} />
            <Names summary={summary} fetchFull={fetchFull} />
            <Distribution summary={summary} />
          </>
        )}
        {measured && <ErrorTable summary={summary} />}
        <Details run={run} />
        <Files run={run} live={connection !== undefined} files={data.files} logs={data.logs} />
      </main>
      <footer>
        Onager {escapeUnseen(run.onager, 40)} · times are in {zoneAt(startOf(run))}
      </footer>
    </>
  );
}

/**
 * A live page's clock moves while the instance is heard; a file's stands at the end of its data.
 */
function useNow(data: PageData | undefined, connection: LiveConnection | undefined): number {
  const [nowMs, setNowMs] = useState(Date.now());
  const dead = connection !== undefined && isDead(connection);
  const moving =
    connection !== undefined && !dead && (!isAtRest(data?.run) || data?.run.lifetime !== undefined);
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => setNowMs(Date.now()), 500);
    return () => clearInterval(timer);
  }, [moving]);
  if (dead) return connection.heardMs ?? nowMs;
  if (connection !== undefined || data === undefined) return nowMs;
  return Date.parse(data.summary?.generatedAt ?? data.run.phases.at(-1)?.startedAt ?? '');
}

function startOf({ engine, phases }: RunState): number {
  return Date.parse(engine?.startedAt ?? phases[0]?.startedAt ?? '');
}

function isAtRest(run: RunState | undefined): boolean {
  return run !== undefined && (isOver(run) || run.phase === 'idle');
}
