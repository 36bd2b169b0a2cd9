/** The kernel's table of neighbours, which limits how fast a subnet can be asked. */

import { join } from 'node:path';
import { readIfThere } from '../../files/files.ts';

/** `overflows`: how often an entry had no room since the machine is up. */
type Neighbours = Readonly<{ perSecond: number; overflows: number }>;

/** A table of this size bears a thousand dead addresses a second, each for three seconds. */
const largeTable = 8_192;

/** In a network namespace of its own a process sees neither: then the pace is the low one. */
export async function readNeighbours(procDir = '/proc'): Promise<Neighbours> {
  const limit = 'sys/net/ipv4/neigh/default/gc_thresh3';
  const [threshold, statistics] = await Promise.all(
    [limit, 'net/stat/arp_cache'].map((path) => readIfThere(join(procDir, path))),
  );
  return {
    perSecond: Number(threshold ?? 0) >= largeTable ? 1_000 : 250,
    overflows: overflowsIn(statistics ?? ''),
  };
}

/** A line of names, and for each processor one of hexadecimal numbers. */
function overflowsIn(text: string): number {
  const [names = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const at = names.indexOf('table_fulls');
  if (at < 0) return 0;
  return rows.reduce((sum, row) => sum + (Number.parseInt(row[at] ?? '', 16) || 0), 0);
}
