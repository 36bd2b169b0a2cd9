/** The last lines of the engine's and the agent's logs. */

import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { FileEntry, LogText } from '../page-data.ts';
import { Name } from '../ui.tsx';
import { encodePath } from './file-url.ts';
import { logLines } from './log-lines.ts';

const tailBytes = 24_000;
const tailLines = 200;
const everyMs = 4_000;

type Props = Readonly<{
  files: readonly FileEntry[];
  live: boolean;
  given: readonly LogText[] | undefined;
  running: boolean;
}>;

export function LogView({ files, live, given = [], running }: Props): JSX.Element | null {
  const names = useMemo(
    () => (live ? files.map(({ key }) => key).filter(isLog) : given.map(({ name }) => name)),
    [files, live, given],
  );
  const [chosen, setChosen] = useState<string>();
  const [opened, setOpened] = useState(false);
  const name = chosen ?? names[0];
  const fetched = useTail({ name, active: live && opened, running });
  if (name === undefined) return null;
  const text = live ? fetched : given.find((log) => log.name === name)?.text;
  return (
    <details class="panel logs" onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>Last lines of the logs</summary>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms */}
      <div class="switch" role="group" aria-label="Log">
        {names.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === name}
            onClick={() => setChosen(each)}
          >
            <Name text={each} />
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre class="log" tabIndex={0}>
        {text === undefined ? 'Loading…' : logLines(text, tailLines) || '(empty)'}
      </pre>
    </details>
  );
}

function isLog(key: string): boolean {
  return key.endsWith('.log');
}

function useTail({
  name,
  active,
  running,
}: Readonly<{ name: string | undefined; active: boolean; running: boolean }>): string | undefined {
  const [tail, setTail] = useState<Readonly<{ name: string; text: string }>>();
  useEffect(() => {
    if (!active || name === undefined) return;
    const stop = new AbortController();
    const load = (): void => {
      fetchTail(name, stop.signal).then(
        (text) => setTail({ name, text }),
        (error: unknown) => {
          if (!stop.signal.aborted) setTail({ name, text: `This log cannot be read: ${error}` });
        },
      );
    };
    load();
    const timer = running ? setInterval(load, everyMs) : undefined;
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [name, active, running]);
  return tail?.name === name ? tail?.text : undefined;
}

async function fetchTail(name: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`/files/${encodePath(name)}`, {
    signal,
    headers: { range: `bytes=-${tailBytes}` },
  });
  if (response.status === 416) return '';
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const text = await response.text();
  if (text.length < tailBytes) return text;
  return text.slice(-tailBytes).replace(/^[^\n]*\n/, '');
}
