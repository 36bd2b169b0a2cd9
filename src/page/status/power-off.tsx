/** When the machine powers off by itself, and a button that postpones it. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PowerOffInfo, RunState } from '../../run/state.ts';
import { clock, span } from '../format.ts';
import { Time } from '../ui.tsx';

/** The end of the lifetime is shown when it is this close. */
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
  const why = reason === 'lifetime' ? 'Its lifetime ends' : 'The run is over';
  if (pretended)
    return `${why}: on EC2 this instance would ${action === 'terminate' ? 'be terminated' : 'power off'}`;
  return `${why}: this instance ${action === 'terminate' ? 'is terminated' : 'powers off'}`;
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
        Keep it for 30 more minutes
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
  if (response.status === 409) throw new Error('The power-off cannot be postponed any further.');
  if (!response.ok)
    throw new Error(`The power-off was not postponed: the server answered ${response.status}.`);
}
