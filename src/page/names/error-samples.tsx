/** The first few errors of a kind, on demand: when, which request, with what status and reason. */

import type { JSX } from 'preact';
import type { ErrorSample, ErrorStats } from '../../results/measurements.ts';
import { clock, count } from '../format.ts';
import { Name, Time } from '../ui.tsx';

export function ErrorSamples({
  error,
  samples,
}: {
  error: ErrorStats;
  samples: readonly ErrorSample[];
}): JSX.Element {
  const hasReason = samples.some(({ reason }) => reason !== undefined);
  return (
    <details>
      <summary>
        {samples.length === error.count ? 'All' : 'The first'} {count(samples.length)}
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Status</th>
            <th scope="col">Request</th>
            {hasReason && <th scope="col">Reason</th>}
          </tr>
        </thead>
        <tbody>
          {samples.map(({ atMs, name, status, reason }, index) => (
            <tr key={index}>
              <td>
                <Time at={atMs} format={withMilliseconds} />
              </td>
              <td>{status ?? '–'}</td>
              <th scope="row">
                <Name text={name} />
              </th>
              {hasReason && <td>{reason === undefined ? '–' : <Name text={reason} />}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function withMilliseconds(ms: number): string {
  return `${clock(ms)}.${String(new Date(ms).getMilliseconds()).padStart(3, '0')}`;
}
