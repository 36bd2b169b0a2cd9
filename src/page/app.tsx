/** The page as a whole, for every state a run can be in. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Summary } from '../report/summary.ts';
import { isOver, type RunState } from '../run/state.ts';
import { Charts } from './chart/charts.tsx';
import { Distribution } from './chart/distribution.tsx';
import { ChooseOther } from './compare/choose-other.tsx';
import { Compare } from './compare/compare.tsx';
import type { OtherRun } from './compare/other-run.ts';
import { Details } from './details.tsx';
import { Files } from './files/files.tsx';
import { elapsed } from './format.ts';
import type { Connection } from './live.ts';
import { Errors } from './names/error-table.tsx';
import { Names } from './names/names.tsx';
import type { PageData } from './page-data.ts';
import { Head } from './status/head.tsx';
import { Idle } from './status/idle.tsx';
import { Notes } from './status/notes.tsx';
import { Numbers } from './status/numbers.tsx';
import { Stop } from './status/stop.tsx';
import { headlineOf } from './status/verdict.ts';
import { printable } from './text.ts';

/** `connection`: absent in a file. `skewMs`: how far this machine's clock is ahead of the instance's. */
export type AppProps = Readonly<{
  data: PageData | undefined;
  connection?: Connection;
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
      <nav class="bar" aria-label="Page">
        <span class="brand">Onager</span>
        <span class="places">
          {measured && <a href="#charts">Charts</a>}
          {measured && <a href="#names">Requests</a>}
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
        <Errors summary={measured ? summary : undefined} warnings={run.warnings} />
        <Details run={run} />
        <Files run={run} live={connection !== undefined} files={data.files} logs={data.logs} />
      </main>
      <footer>
        Onager {printable(run.onager, 40)} · times are in {zone}
        <span class="screen">; hover for UTC</span>
      </footer>
    </>
  );
}

const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'your zone';

function Connecting({ connection }: { connection: Connection | undefined }): JSX.Element {
  return (
    <>
      <Lost connection={connection} over={false} />
      <main class="connecting">
        <p role="status">Connecting to the instance…</p>
      </main>
    </>
  );
}

function Lost({
  connection,
  over,
}: {
  connection: Connection | undefined;
  over: boolean;
}): JSX.Element {
  const seen = over
    ? 'The instance no longer answers. Everything shown here was complete.'
    : 'The connection to the instance is lost. What you see is the last that was heard; it goes on by itself when the instance answers again.';
  return (
    <div role="alert" class={connection === 'lost' ? 'lost' : 'sr'}>
      {connection === 'lost' && seen}
    </div>
  );
}

/** A live page's clock moves; a file's stands at the end of its data. */
function useNow(data: PageData | undefined, connection: Connection | undefined): number {
  const [nowMs, setNowMs] = useState(Date.now());
  const moving =
    connection !== undefined && (!isAtRest(data?.run) || data?.run.lifetime !== undefined);
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => setNowMs(Date.now()), 500);
    return () => clearInterval(timer);
  }, [moving]);
  if (connection !== undefined || data === undefined) return nowMs;
  return Date.parse(data.summary?.generatedAt ?? data.run.phases.at(-1)?.startedAt ?? '');
}

function isAtRest(run: RunState | undefined): boolean {
  return run !== undefined && (isOver(run) || run.phase === 'idle');
}

const signs = { pass: '✓ ', fail: '✗ ', warn: '! ', busy: '', calm: '' };

function useTitle(data: PageData | undefined, nowMs: number): void {
  const title = titleOf(data, nowMs);
  useEffect(() => {
    document.title = title;
  }, [title]);
}

function titleOf(data: PageData | undefined, nowMs: number): string {
  if (data === undefined) return 'Onager';
  const { run, summary } = data;
  const { tone, title } = headlineOf(run, summary);
  const name = run.scenario === undefined ? '' : `${printable(run.scenario.name, 60)} · `;
  const startedMs = summary?.loadStartedMs;
  const at =
    run.phase === 'running' && startedMs !== undefined ? `${elapsed(nowMs - startedMs)} ` : '';
  return `${signs[tone]}${at}${name}${title} · Onager`;
}
