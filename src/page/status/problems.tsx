/** What is wrong: message, hint, code and place. */

import type { JSX } from 'preact';
import type { Problem } from '../../errors.ts';
import { sentenceCase } from '../../text.ts';
import { Advice } from '../advice/advice.tsx';
import { Name, Prose } from '../ui.tsx';

export function Problems({ problems }: { problems: readonly Problem[] }): JSX.Element | null {
  if (problems.length === 0) return null;
  return (
    <ul class="problems">
      {problems.map(({ code, message, hint, where }) => (
        <li key={`${code} ${where} ${message}`}>
          <p>
            <Prose text={sentenceCase(message)} />
          </p>
          <div class="hint">
            <Advice text={hint} />
          </div>
          <p class="place">
            <code>{code}</code>
            {where !== undefined && (
              <>
                {' at '}
                <Name text={where} />
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
