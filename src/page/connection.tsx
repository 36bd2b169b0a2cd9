/** What the page says while it has no connection to the instance. */

import type { JSX } from 'preact';
import type { ConnectionState } from './live.ts';

export function Connecting({
  connection,
}: {
  connection: ConnectionState | undefined;
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

export function Lost({
  connection,
  over,
}: {
  connection: ConnectionState | undefined;
  over: boolean;
}): JSX.Element {
  const seen = over
    ? 'The instance no longer answers. Its run was over: what you see is complete.'
    : 'The connection to the instance is lost. You see the last data that it sent; the page reconnects by itself.';
  return (
    <div role="alert" class={connection === 'lost' ? 'lost' : 'sr'}>
      {connection === 'lost' && seen}
    </div>
  );
}
