/** The key figures of the run, each with a small chart. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import { latency } from '../format.ts';
import { Value } from '../ui.tsx';
import { figuresOf } from './figures.ts';
import { Spark } from './spark.tsx';

export function Numbers({ summary }: { summary: Summary }): JSX.Element {
  const { delay } = summary.generator;
  return (
    <dl class="numbers">
      {figuresOf(summary).map(({ label, value, format, note, trend, bad }) => (
        <div key={label} class={bad ? 'bad' : undefined}>
          <dt>{label}</dt>
          <dd>
            <Value value={value} format={format} />
            <span class="note">{note}</span>
            <Spark values={trend} />
          </dd>
        </div>
      ))}
      {delay !== undefined && (
        <div class="own-delay">
          <dt>The generator's own delay</dt>
          <dd>
            <span>
              p50 <Value value={delay.p50Ms} format={latency} />, p99{' '}
              <Value value={delay.p99Ms} format={latency} />, max{' '}
              <Value value={delay.maxMs} format={latency} />
            </span>
            <span class="note">Each of these durations can include as much.</span>
          </dd>
        </div>
      )}
    </dl>
  );
}
