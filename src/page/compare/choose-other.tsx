/**
 * Lets the viewer choose the run to compare with: a file, or `?with=` a path of the same server.
 */

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type OtherRun, parseOtherRun } from './other-run.ts';

export function ChooseOther({
  live,
  onChosen,
}: {
  live: boolean;
  onChosen: (other: OtherRun) => void;
}): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState('');
  const choose = (text: Promise<string>): void => {
    setProblem('');
    text.then(parseOtherRun).then(onChosen, (error: unknown) => {
      setProblem(error instanceof Error ? error.message : String(error));
    });
  };
  useEffect(() => {
    const path = new URLSearchParams(location.search).get('with');
    if (path !== null && live) choose(fetchOther(path));
  }, []);
  return (
    <>
      <input
        ref={input}
        type="file"
        class="sr"
        tabIndex={-1}
        aria-label="summary.json or report.html of another run"
        accept=".json,.html,application/json,text/html"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) choose(file.text());
          event.currentTarget.value = '';
        }}
      />
      <button
        type="button"
        class="quiet"
        title="Choose the summary.json or report.html of another run"
        onClick={() => input.current?.click()}
      >
        Compare…
      </button>
      {problem !== '' && (
        <span class="problem-note" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}

/** Only from the server that this page is from. */
async function fetchOther(path: string): Promise<string> {
  const url = new URL(path, location.href);
  if (url.origin !== location.origin) {
    throw new Error(
      '"with" must be a path on this server; download the file and choose it instead',
    );
  }
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (!response.ok)
    throw new Error(`the other run cannot be loaded: the server answered ${response.status}`);
  return await response.text();
}
