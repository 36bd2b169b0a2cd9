/** When the machine powers off by itself, and a button that puts it off. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PowerOffInfo, RunState } from '../../run/state.ts';
import { clock, span } from '../format.ts';
import { Time } from '../ui.tsx';

/** So long before it, the power-off is worth a line even while nothing has ended. */
const soonMs = 3_600_000;

type Props = Readonly<{ run: RunState; nowMs: number; live: boolean }>;

export function PowerOff({ run, nowMs, live }: Props): JSX.Element | null {
  const powerOff = run.lifetime?.powerOff;
  if (powerOff === undefined || !live) return null;
  const leftMs = Date.parse(powerOff.at) - nowMs;
  if (powerOff.reason === 'lifetime' && leftMs > soonMs) return null;
  return (
    <div class="power-off">
      <p>
        {wordsOf(powerOff)} <b>{leftMs > 0 ? `in ${span(leftMs)}` : 'now'}</b>, at{' '}
        <Time at={powerOff.at} format={clock} />.
      </p>
      {powerOff.extendable && leftMs > 0 && <Extend />}
    </div>
  );
}

function wordsOf({ reason, action, pretended }: PowerOffInfo): string {
  const does = action === 'terminate' ? 'is terminated' : 'powers off';
  const why = reason === 'lifetime' ? 'Its lifetime ends' : 'The run is over';
  return pretended ? `${why}: on EC2 this instance ${does}` : `${why}: this instance ${does}`;
}

function Extend(): JSX.Element {
  const [problem, setProblem] = useState('');
  return (
    <>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          setProblem('');
          extend().catch((error: unknown) =>
            setProblem(error instanceof Error ? error.message : String(error)),
          );
        }}
      >
        Keep it 30 minutes longer
      </button>
      {problem !== '' && (
        <span class="problem-note" role="alert">
          {problem}
        </span>
      )}
    </>
  );
}

/** The new time comes with the next state of the run. */
async function extend(): Promise<void> {
  const signal = AbortSignal.timeout(15_000);
  const response = await fetch('/api/extend', { method: 'POST', signal });
  if (response.status === 409) throw new Error('It cannot be put off any longer.');
  if (!response.ok) throw new Error(`It was not put off: the answer was ${response.status}.`);
}
