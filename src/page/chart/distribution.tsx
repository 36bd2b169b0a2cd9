/** How long the requests of the whole run took, and their status codes. */

import type { JSX } from 'preact';
import type { Summary } from '../../report/summary.ts';
import type { Latency } from '../../results/measurements.ts';
import { count, latency, share } from '../format.ts';
import { Name, Section } from '../ui.tsx';
import { histogramTicks } from './histogram-ticks.ts';

export function Distribution({ summary }: { summary: Summary }): JSX.Element {
  const { distribution, latency: whole, statuses, totals, sampling } = summary;
  return (
    <Section id="distribution" title="Whole run">
      <div class="columns">
        <figure class="panel histogram">
          <figcaption>
            <h3>Distribution of response times</h3>
            <span class="unit">requests, by duration (log scale)</span>
          </figcaption>
          {whole === undefined || distribution.length === 0 ? (
            <p class="empty">
              {sampling.requests === 'intervals'
                ? (sampling.note ??
                  'For this protocol the engine reports only sums, so there are no percentiles.')
                : noneAnswered(summary.final)}
            </p>
          ) : (
            <Histogram bins={distribution} whole={whole} />
          )}
        </figure>
        <figure class="panel">
          <figcaption>
            <h3>Responses</h3>
            <span class="unit">requests, by status code</span>
          </figcaption>
          <Statuses statuses={statuses} total={totals.requests} />
        </figure>
      </div>
    </Section>
  );
}

/** How far apart ticks are on the narrowest screen, so that their labels do not touch. */
const tickDistance = 0.14;

function Histogram({
  bins,
  whole,
}: {
  bins: Summary['distribution'];
  whole: Latency;
}): JSX.Element {
  const last = bins.at(-1)?.upToMs ?? 1;
  const low = Math.max(0.001, Math.min(whole.minMs, bins[0]?.upToMs ?? 1) * 0.98);
  const high = Math.max(last, low * 1.01);
  const x = (ms: number): number =>
    (Math.log(Math.max(ms, low) / low) / Math.log(high / low)) * 100;
  const most = bins.reduce((top, bin) => Math.max(top, bin.count), 1);
  const marks = [
    ['p50', whole.p50Ms],
    ['p95', whole.p95Ms],
    ['p99', whole.p99Ms],
  ] as const;
  const ticks = histogramTicks(low, high, tickDistance);
  return (
    <div class="plot">
      <div class="bars">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={said(whole)}>
          {bins.map((bin, index) => {
            const from = x(bins[index - 1]?.upToMs ?? low);
            const height = (bin.count / most) * 100;
            return (
              <rect
                key={bin.upToMs}
                x={from}
                y={100 - height}
                width={Math.max(0.1, (x(bin.upToMs) - from) * 0.9)}
                height={height}
              >
                <title>
                  {`${latency(bins[index - 1]?.upToMs ?? whole.minMs)} to ${latency(bin.upToMs)}: ${count(bin.count)}`}
                </title>
              </rect>
            );
          })}
        </svg>
        {marks.map(([name, ms], index) => (
          <div key={name} class={`mark at${index}`} style={{ left: `${x(ms)}%` }}>
            <span class={x(ms) > 78 ? 'before' : undefined}>
              {name} <b>{latency(ms)}</b>
            </span>
          </div>
        ))}
      </div>
      <div class="ticks" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick} class={edgeOf(x(tick))} style={{ left: `${x(tick)}%` }}>
            {latency(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}

function noneAnswered(final: boolean): string {
  return final ? 'No request was answered.' : 'No request has been answered yet.';
}

/** A label at an end of the axis does not stand beyond it. */
function edgeOf(place: number): string | undefined {
  if (place < 4) return 'first';
  return place > 96 ? 'last' : undefined;
}

function said({ p50Ms, p95Ms, p99Ms, maxMs }: Latency): string {
  return `Half of the requests took up to ${latency(p50Ms)}, 95 % up to ${latency(p95Ms)}, 99 % up to ${latency(p99Ms)}, all up to ${latency(maxMs)}.`;
}

function Statuses({
  statuses,
  total,
}: {
  statuses: Readonly<Record<string, number>>;
  total: number;
}): JSX.Element {
  const all = Object.entries(statuses).toSorted(([, a], [, b]) => b - a);
  const most = Math.max(1, total);
  if (all.length === 0) return <p class="empty">No status codes were seen.</p>;
  return (
    <table class="statuses">
      <thead class="sr">
        <tr>
          <th>Status</th>
          <th>Share</th>
          <th>Requests</th>
        </tr>
      </thead>
      <tbody>
        {all.slice(0, 12).map(([status, made]) => (
          <tr key={status}>
            <th scope="row">
              <Name text={status} max={20} />
            </th>
            <td>
              <div class="share">
                <i class={hueOf(status)} style={{ width: `${(made / most) * 100}%` }} />
              </div>
            </td>
            <td>{count(made)}</td>
            <td>{share(made / most)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Only a known first digit has a colour: the status is text from outside. */
function hueOf(status: string): string {
  const hues: Readonly<Record<string, string>> = { 2: 'teal', 3: 'blue', 4: 'orange', 5: 'red' };
  return hues[status.charAt(0)] ?? 'grey';
}
