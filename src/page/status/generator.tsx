/** Whether the generator itself may have distorted the numbers. */

import type { JSX } from 'preact';
import type { GeneratorHealth } from '../../results/measurements.ts';
import { sentenceCase } from '../../text.ts';
import { percent } from '../format.ts';
import { Icon, Prose } from '../ui.tsx';

const doubts: Partial<Record<GeneratorHealth['verdict'], string>> = {
  strained: 'These numbers may include delays of the generator itself.',
  suspect: 'These numbers may describe the generator rather than the target.',
  unknown: 'Nothing was recorded about the machine that generated the load.',
};

/** The others are shown on demand: many members can have many. */
const firstReasons = 3;

export function Generator({
  health,
  final,
}: Readonly<{ health: GeneratorHealth; final: boolean }>): JSX.Element | null {
  const { verdict, reasons, cpuMeanPercent: mean, cpuMaxPercent: most } = health;
  // Too early to tell, when a load has just begun.
  if (verdict === 'unknown' && !final) return null;
  const doubt = doubts[verdict];
  const cpu =
    mean === undefined || most === undefined
      ? []
      : [`its CPU was ${percent(mean)} busy on average, ${percent(most)} at most`];
  const known = doubt === undefined ? cpu : reasons;
  return (
    <div class={`generator ${verdict}`}>
      <Icon name={doubt === undefined ? 'pass' : 'warn'} />
      <div>
        <p>
          <b>Generator {verdict}.</b> {doubt}{' '}
          <Prose text={sentences(known.slice(0, firstReasons))} />
        </p>
        {known.length > firstReasons && (
          <details>
            <summary>The other reasons</summary>
            <ul>
              {known.slice(firstReasons).map((reason) => (
                <li key={reason}>
                  <Prose text={sentences([reason])} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </div>
  );
}

function sentences(reasons: readonly string[]): string {
  return unbroken(reasons.map((each) => `${sentenceCase(each)}.`).join(' '));
}

/** No line ends between a figure and its unit. */
function unbroken(text: string): string {
  return text.replace(/(\d) (?=%|s\b)/g, '$1\u00a0');
}
