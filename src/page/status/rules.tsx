/** Each rule, whether it is met, and what was measured. */

import type { JSX } from 'preact';
import type { SloResult, SloVerdict } from '../../results/summary.ts';
import { clock } from '../format.ts';
import { Icon, Name, Time } from '../ui.tsx';
import { measuredValue } from './verdict.ts';

export function Rules({ slo }: { slo: SloVerdict }): JSX.Element | null {
  if (slo.rules.length === 0) return null;
  return (
    <ul class="rules">
      {slo.rules.map((result) => (
        <li key={result.rule}>
          <Icon name={result.ok ? 'pass' : 'fail'} />
          <span class="sr">{result.ok ? 'Kept:' : 'Missed:'}</span>
          <Name text={result.rule} max={120} />
          <MeasuredOf result={result} />
        </li>
      ))}
    </ul>
  );
}

function MeasuredOf({ result }: { result: SloResult }): JSX.Element {
  const { measured, worstAtMs } = result;
  if (measured === undefined) return <b>not measured</b>;
  return (
    <b>
      <Name text={measuredValue(result)} max={40} />
      {worstAtMs !== undefined && (
        <span class="at">
          {' at '}
          <Time at={worstAtMs} format={clock} />
        </span>
      )}
    </b>
  );
}
