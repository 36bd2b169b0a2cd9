/** What the page says while it hears nothing from the instance. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { span } from './format.ts';
import { isDead, type LiveConnection } from './live.ts';

export function Connecting({
  connection,
}: {
  connection: LiveConnection | undefined;
}): JSX.Element {
  return (
    <>
      <Lost connection={connection} over={false} />
      <main class="connecting">
        <p role="status">Connecting to the instance…</p>
      </main>
    </>
  );
}

type Props = Readonly<{ connection: LiveConnection | undefined; over: boolean }>;

export function Lost({ connection, over }: Props): JSX.Element {
  const dead = connection !== undefined && isDead(connection);
  return (
    <section class={dead ? 'lost' : 'sr'} aria-label={dead ? 'Connection' : undefined}>
      <span role="alert">{dead && wordsOf(connection, over)}</span>
      {dead && connection.heardMs !== undefined && <Heard atMs={connection.heardMs} />}
    </section>
  );
}

function wordsOf({ state }: LiveConnection, over: boolean): string {
  if (over) return 'The instance no longer answers. Its run was over: what you see is complete.';
  const what =
    state === 'silent'
      ? 'The instance is silent.'
      : 'The connection to the instance is lost; the page reconnects by itself.';
  return `${what} What you see is the last that it sent.`;
}

/** Beside the alert, or it would be read out every second. */
function Heard({ atMs }: { atMs: number }): JSX.Element {
  const [nowMs, setNowMs] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      {' '}
      <span>Last heard {span(Math.max(1_000, nowMs - atMs))} ago.</span>
    </>
  );
}
