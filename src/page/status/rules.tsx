/** Each rule, whether it is kept, and what was measured. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import type { SloResult } from '../../slo/result.ts';
import { clock } from '../format.ts';
import { Icon, Name, Time } from '../ui.tsx';
import { ruleState } from './rule-state.ts';
import { measuredValue } from './rule-words.ts';

const looks = {
  kept: ['pass', 'Kept:'],
  missed: ['fail', 'Missed:'],
  open: ['calm', 'Not judged yet:'],
} as const;

export function Rules({ summary }: { summary: Summary }): JSX.Element | null {
  const { rules } = summary.slo;
  if (rules.length === 0) return null;
  return (
    <ul class="rules">
      {rules.map((result) => {
        const state = ruleState(result);
        const [icon, said] = looks[state];
        return (
          <li key={result.rule.text} class={state}>
            <Icon name={icon} />
            <span class="sr">{said}</span>
            <Name text={result.rule.text} max={120} />
            <MeasuredOf result={result} final={summary.final} />
          </li>
        );
      })}
    </ul>
  );
}

function MeasuredOf({ result, final }: { result: SloResult; final: boolean }): JSX.Element {
  const { worstAtMs } = result;
  const measured = measuredValue(result);
  if (measured === undefined) return <b>{final ? 'not measured' : 'not measured yet'}</b>;
  return (
    <b>
      {measured}
      {worstAtMs !== undefined && (
        <span class="at">
          {' at '}
          <Time at={worstAtMs} format={clock} />
        </span>
      )}
    </b>
  );
}
