/** Ends the load early, after asking. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ClusterInfo } from '../../run/cluster-info.ts';
import { Dialog } from '../dialog.tsx';
import { Prose } from '../ui.tsx';
import { stopWords } from './stop-words.ts';

/** `asked`: it has already been requested, here or elsewhere. */
export function Stop({
  asked: askedAlready,
  cluster,
}: Readonly<{ asked: boolean; cluster: ClusterInfo | undefined }>): JSX.Element {
  const [asking, setAsking] = useState(false);
  const [state, setState] = useState<'ready' | 'stopping' | string>('ready');
  const stopping = askedAlready || state === 'stopping';
  return (
    <>
      <button type="button" class="stop" disabled={stopping} onClick={() => setAsking(true)}>
        {stopping ? 'Stopping…' : 'Stop the load'}
      </button>
      {asking && (
        <Dialog label="Stop the load?" onClose={() => setAsking(false)}>
          <h2>Stop the load?</h2>
          <p>
            <Prose text={stopWords(cluster)} />
          </p>
          <p class="buttons">
            <button type="button" class="quiet" onClick={() => setAsking(false)}>
              Keep running
            </button>
            <button
              type="button"
              class="stop"
              onClick={() => {
                setAsking(false);
                setState('stopping');
                requestStop().catch((error: unknown) =>
                  setState(error instanceof Error ? error.message : String(error)),
                );
              }}
            >
              Stop the load
            </button>
          </p>
        </Dialog>
      )}
      {state !== 'ready' && state !== 'stopping' && (
        <span class="stop-problem" role="alert">
          The load was not stopped: {state}
        </span>
      )}
    </>
  );
}

async function requestStop(): Promise<void> {
  const response = await fetch('/api/stop', {
    method: 'POST',
    signal: AbortSignal.timeout(15_000),
  });
  // 409: the load has ended meanwhile, as the page is about to show.
  if (!response.ok && response.status !== 409)
    throw new Error(`the server answered ${response.status}`);
}
