/** The key figures of the run, each with a small chart. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import { Value } from '../ui.tsx';
import { figuresOf } from './figures.ts';
import { Spark } from './spark.tsx';

export function Numbers({ summary }: { summary: Summary }): JSX.Element {
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
    </dl>
  );
}
