/** Each rule, whether it is met, and what was measured. */

import type { JSX } from 'preact';
import type { SloResult, SloVerdict } from '../../slo/result.ts';
import { clock } from '../format.ts';
import { Icon, Name, Time } from '../ui.tsx';
import { measuredValue } from './verdict.ts';

export function Rules({ slo }: { slo: SloVerdict }): JSX.Element | null {
  if (slo.rules.length === 0) return null;
  return (
    <ul class="rules">
      {slo.rules.map((result) => (
        <li key={result.rule.text}>
          <Icon name={result.ok ? 'pass' : 'fail'} />
          <span class="sr">{result.ok ? 'Kept:' : 'Missed:'}</span>
          <Name text={result.rule.text} max={120} />
          <MeasuredOf result={result} />
        </li>
      ))}
    </ul>
  );
}

function MeasuredOf({ result }: { result: SloResult }): JSX.Element {
  const { worstAtMs } = result;
  const measured = measuredValue(result);
  if (measured === undefined) return <b>not measured</b>;
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
