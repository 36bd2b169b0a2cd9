/** Who is there while a cluster gathers, and who is missing. Pure. */

import type { ClusterInfo } from '../../run/cluster-info.ts';
import { plural } from '../format.ts';

type GatheredWords = Readonly<{ title: string; sentence: string }>;

/** For the top of the page. */
export function gatheredWords(cluster: ClusterInfo): GatheredWords {
  const { leader, members, quorum, self, size } = cluster;
  if (leader !== undefined) {
    const ready = members.filter(({ state }) => state === 'ready').length;
    const isLeader = leader === self;
    const all = members.length === size ? 'All ' : `${members.length} of `;
    return {
      title: `${all}${plural(size, 'member')} have agreed`,
      // Only the leader knows how the others are.
      sentence: isLeader
        ? `${ready} of ${members.length} can start; they start together.`
        : 'The leader starts all of them together.',
    };
  }
  const here = hereOf(cluster);
  const title = `${here} of ${plural(size, 'member')} ${here === 1 ? 'is' : 'are'} here`;
  if (here >= size) return { title, sentence: 'They agree on who leads.' };
  const enough = quorum < size ? `, or ${quorum} of them once the time is over` : '';
  return { title, sentence: `Nobody fires until all have come${enough}.` };
}

/** How many are there, also those that this instance has only heard of. */
export function hereOf({ count, members }: ClusterInfo): number {
  return Math.max(count ?? 0, members.length);
}

/**
 * The launch indexes of those that are missing. Undefined where they are not known: instances of a
 * fleet all have the index 0.
 */
export function missingIndexes(cluster: ClusterInfo): readonly number[] | undefined {
  const { id, members, size } = cluster;
  if (hereOf(cluster) > members.length) return undefined;
  const here = new Set(members.map(({ launchIndex }) => launchIndex));
  const areDistinct = here.size === members.length && Math.max(...here) < size;
  if (!id.startsWith('r-') || !areDistinct || here.size === size) return undefined;
  return Array.from({ length: size }, (_, index) => index).filter((index) => !here.has(index));
}

/** In the fewest words: `2`, `2, 4–7 and 9`. `sorted`: whole numbers, each once. */
export function inRanges(sorted: readonly number[]): string {
  const ranges = rangesOf(sorted);
  const last = ranges.at(-1) ?? '';
  return ranges.length < 2 ? last : `${ranges.slice(0, -1).join(', ')} and ${last}`;
}

function rangesOf(sorted: readonly number[]): readonly string[] {
  const ranges: { from: number; to: number }[] = [];
  for (const value of sorted) {
    const last = ranges.at(-1);
    if (last?.to === value - 1) last.to = value;
    else ranges.push({ from: value, to: value });
  }
  return ranges.flatMap(({ from, to }) =>
    to === from + 1 ? [`${from}`, `${to}`] : [from === to ? `${from}` : `${from}–${to}`],
  );
}
