/** How many instances the peak of a scenario takes, by what one core fired when it was measured. */

import type { MeasuredCapacity, PeakLoad, Preparation } from '../engine/engine.ts';
import { formatInteger } from '../text.ts';

/**
 * `requestsPerSecond`, `usersPerSecond`: planned, at most. `cores`: that many take it with each of
 * them busy for `busyShare` of the time. `perCore`: requests a second that one core fired.
 */
type KnownSizing = PeakLoad &
  Readonly<{
    cores: number;
    busyShare: number;
    perCore: number;
    measured: Omit<MeasuredCapacity, 'requestsPerSecond'>;
    instances: readonly Readonly<{ type: string; cores: number; count: number }>[];
  }>;

/** `unknown`: why it cannot be reckoned before the load. */
export type Sizing = KnownSizing | Readonly<{ unknown: string }>;

/** A generator that is busier measures its own delay. */
const busyShare = 0.6;

const types = [
  { type: 'c7i.large', cores: 2 },
  { type: 'c7i.xlarge', cores: 4 },
  { type: 'c7i.4xlarge', cores: 16 },
] as const;

export function sizingOf(
  peak: Preparation['peak'],
  capacity: MeasuredCapacity | undefined,
): Sizing | null {
  if (peak === undefined || capacity === undefined) return null;
  if ('unknown' in peak) return peak;
  const { requestsPerSecond: perCore, ...measured } = capacity;
  const cores = Math.max(1, Math.ceil(peak.requestsPerSecond / (perCore * busyShare)));
  const instances = types.map((one) => ({ ...one, count: Math.ceil(cores / one.cores) }));
  return { ...peak, cores, busyShare, perCore, measured, instances };
}

export function sizingLine(sizing: Sizing): string {
  if ('unknown' in sizing) return `how many instances it takes is not known: ${sizing.unknown}`;
  const { cores, instances, measured, perCore, requestsPerSecond, usersPerSecond } = sizing;
  // Of the types of which one is enough, the smallest.
  const enough = instances.findIndex(({ count }) => count === 1);
  const offered = enough === -1 ? instances : instances.slice(0, enough + 1);
  const choice = offered.map(({ type, count }) => `${count} x ${type}`).join(', or ');
  return (
    `up to ${inWords(requestsPerSecond)} requests/s (${inWords(usersPerSecond)} users/s): ` +
    `about ${formatInteger(cores)} ${cores === 1 ? 'core' : 'cores'}: ${choice} ` +
    `(one core fired ${formatInteger(perCore)}/s on ${measured.cpu}, small HTTP answers, ` +
    'no TLS: yours differ)'
  );
}

function inWords(perSecond: number): string {
  return perSecond >= 10
    ? formatInteger(Math.round(perSecond))
    : String(Number(perSecond.toFixed(2)));
}
