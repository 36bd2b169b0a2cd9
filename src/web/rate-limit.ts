/** Counts wrong keys per network, in bounded memory. */

import { networkOf } from './network.ts';

type RateLimit = Readonly<{
  /** Counts a wrong key; false: there have been too many recently. */
  count(ip: string): boolean;
}>;

const maxNetworks = 4_096;

export function createRateLimit({
  limit = 10,
  windowMs = 60_000,
  nowMs = () => performance.now(),
}: {
  limit?: number;
  windowMs?: number;
  nowMs?(): number;
} = {}): RateLimit {
  const wrong = new Map<string, { count: number; readonly endsMs: number }>();
  return {
    count(ip) {
      const network = networkOf(ip);
      const entry = wrong.get(network);
      if (entry !== undefined && nowMs() < entry.endsMs) {
        entry.count += 1;
        return entry.count <= limit;
      }
      // Deleted first, so that the map is in the order in which the windows end.
      wrong.delete(network);
      const [oldest] = wrong.keys();
      if (wrong.size >= maxNetworks && oldest !== undefined) wrong.delete(oldest);
      wrong.set(network, { count: 1, endsMs: nowMs() + windowMs });
      return true;
    },
  };
}
