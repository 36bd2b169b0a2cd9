/** Counts wrong keys per network address, in bounded memory. */

import { isIPv6 } from 'node:net';

export type Attempts = Readonly<{
  areSpent(ip: string): boolean;
  /** Notes a wrong key. */
  note(ip: string): void;
}>;

const maxAddresses = 4_096;

export function createAttempts({
  limit = 10,
  windowMs = 60_000,
  nowMs = () => performance.now(),
}: {
  limit?: number;
  windowMs?: number;
  nowMs?(): number;
} = {}): Attempts {
  const wrong = new Map<string, { count: number; readonly endsMs: number }>();
  return {
    areSpent(ip) {
      const entry = wrong.get(network(ip));
      return entry !== undefined && entry.count >= limit && nowMs() < entry.endsMs;
    },
    note(ip) {
      const address = network(ip);
      const entry = wrong.get(address);
      if (entry !== undefined && nowMs() < entry.endsMs) {
        entry.count += 1;
        return;
      }
      // Deleted first, so that the map's order is that of the windows' ends.
      wrong.delete(address);
      const [oldest] = wrong.keys();
      if (wrong.size >= maxAddresses && oldest !== undefined) wrong.delete(oldest);
      wrong.set(address, { count: 1, endsMs: nowMs() + windowMs });
    },
  };
}

/** An IPv6 host can take any address of its /64: they count as one. */
function network(ip: string): string {
  if (!isIPv6(ip) || ip.includes('.')) return ip;
  const [head = '', tail] = ip.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0');
  return [...front, ...zeros, ...back].slice(0, 4).join(':');
}
