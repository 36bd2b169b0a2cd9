/**
 * Warnings about what was ignored, unused or unusual: the first few, the others on demand.
 */

import type { JSX } from 'preact';
import type { Problem } from '../../errors.ts';
import { count, plural } from '../format.ts';
import { Icon } from '../ui.tsx';
import { Problems } from './problems.tsx';

const firstFew = 3;

export function Warnings({ warnings }: { warnings: readonly Problem[] }): JSX.Element | null {
  if (warnings.length === 0) return null;
  const rest = warnings.slice(firstFew);
  return (
    <section class="panel warnings" aria-labelledby="warnings-title">
      <h2 id="warnings-title">
        <Icon name="warn" /> {plural(warnings.length, 'warning')}
      </h2>
      <Problems problems={warnings.slice(0, firstFew)} />
      {rest.length > 0 && (
        <details>
          <summary>Show {count(rest.length)} more</summary>
          <Problems problems={rest} />
        </details>
      )}
    </section>
  );
}
