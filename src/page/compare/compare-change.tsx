/** How much a figure changed from one run to the other, and whether for the better. */

import type { JSX } from 'preact';
import { change, type Figure } from '../format.ts';

export type Better = 'less' | 'more' | 'neither';

/** A smaller change is called neither better nor worse. */
const noise = 0.02;

export function Change({
  before,
  now,
  better,
}: Readonly<{ before: Figure; now: Figure; better: Better }>): JSX.Element {
  const grown = before == null || now == null ? 0 : now - before;
  const matters = Math.abs(grown) > noise * Math.abs(before ?? 0);
  const word = (better === 'less') === grown < 0 ? 'good' : 'bad';
  const judged = better === 'neither' || !matters ? '' : word;
  return (
    <td class={judged}>
      {change(before, now)}
      {judged !== '' && <span class="sr">{judged === 'good' ? ' better' : ' worse'}</span>}
    </td>
  );
}
