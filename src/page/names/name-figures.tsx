/** All figures of one name. */

import type { JSX } from 'preact';
import { failedShare } from '../../results/failed-share.ts';
import type { NameStats } from '../../results/measurements.ts';
import { bytes, count, type Figure, latency, rate, share } from '../format.ts';
import { Name, Value } from '../ui.tsx';

export function NameFigures({ stats }: { stats: NameStats }): JSX.Element {
  const { latency: all, meanMs } = stats;
  const figures = [
    ['Count', stats.count, count],
    ['Rate', stats.perSecond, (value: Figure) => rate(value)],
    ['Min', all?.minMs, latency],
    ['Mean', all?.meanMs ?? meanMs, latency],
    ['p50', all?.p50Ms, latency],
    ['p90', all?.p90Ms, latency],
    ['p95', all?.p95Ms, latency],
    ...(all?.p95OkMs === undefined
      ? []
      : [['p95 without failures', all.p95OkMs, latency] as const]),
    ['p99', all?.p99Ms, latency],
    ['p99.9', all?.p999Ms, latency],
    ['Max', all?.maxMs, latency],
    ['Errors', stats.failed, count],
    ['Error share', failedShare(stats), share],
    ...(stats.kind === 'request' ? [['Received', stats.bytes, bytes] as const] : []),
  ] as const;
  return (
    <dl class="figures">
      {figures.map(([label, value, format]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Value value={value} format={format} />
          </dd>
        </div>
      ))}
      {Object.entries(stats.statuses)
        .slice(0, 6)
        .map(([status, made]) => (
          <div key={`status ${status}`}>
            <dt>
              Status <Name text={status} max={12} />
            </dt>
            <dd>{count(made)}</dd>
          </div>
        ))}
    </dl>
  );
}
