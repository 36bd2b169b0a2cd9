/** The page as a whole, for every state a run can be in. */

import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Summary } from '../report/summary.ts';
import { ledCluster, partOf } from '../run/cluster-part.ts';
import { isOver, type RunState } from '../run/state.ts';
import { escapeUnseen } from '../text.ts';
import { Bar, isMeasured } from './bar.tsx';
import { Charts } from './chart/charts.tsx';
import { Distribution } from './chart/distribution.tsx';
import { Compare } from './compare/compare.tsx';
import type { OtherRun } from './compare/other-run.ts';
import { Connecting, Lost } from './connection.tsx';
import { Details } from './details.tsx';
import { Files } from './files/files.tsx';
import { zoneAt } from './format.ts';
import { isDead, type LiveConnection } from './live.ts';
import { Members } from './members/members.tsx';
import { PartNote } from './members/part-note.tsx';
import { ErrorTable } from './names/error-table.tsx';
import { Names } from './names/names.tsx';
import { Notes } from './numbers/notes.tsx';
import { Numbers } from './numbers/numbers.tsx';
import type { PageData } from './page-data.ts';
import { Head } from './status/head.tsx';
import { Idle } from './status/idle.tsx';
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
  const shown = useMemo(() => data && withoutForeignRules(data), [data]);
  useTitle(shown, nowMs);
  if (data === undefined || shown === undefined) return <Connecting connection={connection} />;
  const { run, summary } = shown;
  const cluster = ledCluster(run.cluster);
  const measured = isMeasured(summary);
  return (
    <>
      <Bar data={shown} live={connection !== undefined} onChosen={setOther} />
      <Lost connection={connection} over={isAtRest(run)} />
      <main>
        <PartNote run={run} />
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
            {partOf(run.cluster) !== undefined && <h2 class="part-title">This instance's part</h2>}
            <Numbers summary={summary} />
            <Notes summary={summary} />
            {other !== undefined && (
              <Compare summary={summary} other={other} onClose={() => setOther(undefined)} />
            )}
            <Charts summary={summary} />
          </>
        )}
        {cluster !== undefined && (
          <Members
            cluster={cluster}
            summary={measured ? summary : undefined}
            live={connection !== undefined}
            nowMs={nowMs}
          />
        )}
        {measured && (
          <>
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

/** A member that fires a part is not judged by the objectives of the whole load. */
function withoutForeignRules(data: PageData): PageData {
  const { run, summary } = data;
  if (summary === undefined || partOf(run.cluster) === undefined) return data;
  return { ...data, summary: { ...summary, slo: { verdict: 'none', rules: [] } } };
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
