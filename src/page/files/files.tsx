/** Everything in the run folder, and the last lines of its logs. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunState } from '../../run/state.ts';
import { bytes, plural } from '../format.ts';
import type { FileEntry, LogText } from '../page-data.ts';
import { Name, Section } from '../ui.tsx';
import { encodePath } from './file-url.ts';
import { linksFrom } from './links.ts';
import { LogView } from './log-view.tsx';

type Props = Readonly<{
  run: RunState;
  live: boolean;
  files: readonly FileEntry[] | undefined;
  logs: readonly LogText[] | undefined;
}>;

export function Files({ run, live, files: given, logs }: Props): JSX.Element | null {
  const files = useFiles(run, live) ?? given ?? [];
  if (files.length === 0 && logs === undefined) return null;
  const hrefOf = linksFrom(location, { runId: run.runId, live });
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <Section
      id="files"
      title="Logs and files"
      aside={
        live && (
          <p class="links">
            {run.nativeReport !== undefined && (
              <a href={`/engine/${encodePath(run.nativeReport)}`}>
                {run.engine?.name ?? 'The engine'}'s own report
              </a>
            )}
            <a href="/report.html">report.html</a>
            <a href="/files.zip">Download all ({bytes(total)})</a>
          </p>
        )
      }
    >
      <LogView files={files} live={live} given={logs} running={run.phase === 'running'} />
      {files.length > 0 && (
        <details class="panel">
          <summary>
            {plural(files.length, 'file')}, {bytes(total)}
          </summary>
          <table class="files">
            <tbody>
              {files.slice(0, 2_000).map((file) => (
                <tr key={file.key}>
                  <th scope="row">
                    <FileName text={file.key} href={hrefOf(file)} />
                  </th>
                  <td class="number">{bytes(file.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </Section>
  );
}

function FileName({ text, href }: { text: string; href: string | undefined }): JSX.Element {
  if (href === undefined) return <Name text={text} />;
  return (
    <a href={href}>
      <Name text={text} />
    </a>
  );
}

/** Fetched again with every phase. */
function useFiles({ phase }: RunState, live: boolean): readonly FileEntry[] | undefined {
  const [files, setFiles] = useState<readonly FileEntry[]>();
  useEffect(() => {
    if (!live) return;
    const signal = AbortSignal.timeout(10_000);
    fetch('/files', { signal, headers: { accept: 'application/json' } })
      .then(async (response) => {
        if (response.ok) setFiles(parseFiles(await response.json()));
      })
      .catch(() => undefined);
  }, [phase, live]);
  return files;
}

function parseFiles(input: unknown): readonly FileEntry[] {
  if (!Array.isArray(input)) return [];
  return input.filter(
    (entry) => typeof entry?.key === 'string' && typeof entry?.bytes === 'number',
  );
}
