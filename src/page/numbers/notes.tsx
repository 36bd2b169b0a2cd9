/** What to know to read the figures correctly. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import { sentenceCase } from '../../text.ts';
import { Prose } from '../ui.tsx';

export function Notes({ summary }: { summary: Summary }): JSX.Element | null {
  const { notes = [] } = summary;
  if (notes.length === 0) return null;
  return (
    <ul class="panel notes" aria-label="How to read these figures">
      {notes.map((note) => (
        <li key={note}>
          <Prose text={`${sentenceCase(note)}.`} />
        </li>
      ))}
    </ul>
  );
}
