/** What the page says of members that gather. */

import { describe, expect, it } from 'vitest';
import { gatheredWords, inRanges, missingIndexes } from '../../../../src/page/members/gathered.ts';
import { clusterOf, memberId } from '../../../support/cluster-run.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('who is there', () => {
  const titleOf = (cluster: ReturnType<typeof clusterOf>) => {
    const { title, sentence } = gatheredWords(cluster);
    return [title, sentence].map(plain);
  };

  it('is counted, with what happens next', () => {
    expect(titleOf(clusterOf(4, { here: 1, leads: false }))).toEqual([
      '1 of 4 members is here',
      'Nobody fires until all have come.',
    ]);
    expect(titleOf({ ...clusterOf(4, { here: 2, leads: false }), quorum: 3 })).toEqual([
      '2 of 4 members are here',
      'Nobody fires until all have come, or 3 of them once the time is over.',
    ]);
    expect(titleOf(clusterOf(4, { leads: false }))).toEqual([
      '4 of 4 members are here',
      'They agree on who leads.',
    ]);
  });

  it('is who can start, once they have agreed', () => {
    const cluster = clusterOf(4, { changed: { 1: { state: 'ready' }, 2: { state: 'ready' } } });
    expect(titleOf(cluster)).toEqual([
      'All 4 members have agreed',
      '2 of 4 can start; they start together.',
    ]);
    expect(titleOf({ ...cluster, self: memberId(1) })[1]).toBe(
      'The leader starts all of them together.',
    );
    expect(titleOf({ ...clusterOf(3), size: 4 })[0]).toBe('3 of 4 members have agreed');
  });
});

describe('who is missing', () => {
  it('is known by launch index in one reservation', () => {
    expect(missingIndexes(clusterOf(4, { here: 2, leads: false }))).toEqual([2, 3]);
    expect(missingIndexes(clusterOf(4, { leads: false }))).toBeUndefined();
  });

  it('is counted, not listed, where this instance has only heard of others', () => {
    const cluster = { ...clusterOf(4, { here: 2, self: 1, leads: false }), count: 3 };
    expect(missingIndexes(cluster)).toBeUndefined();
    expect(plain(gatheredWords(cluster).title)).toBe('3 of 4 members are here');
  });

  it('is not known in a fleet, whose instances all have index 0', () => {
    const cluster = clusterOf(4, {
      here: 2,
      leads: false,
      changed: { 1: { launchIndex: 0 } },
    });
    expect(missingIndexes(cluster)).toBeUndefined();
    expect(
      missingIndexes({ ...clusterOf(4, { here: 2, leads: false }), id: 'fleet-1' }),
    ).toBeUndefined();
  });

  it('is told in few words', () => {
    expect([[2], [2, 3], [1, 2, 3, 7], [0, 4, 5, 6, 9, 11, 12]].map(inRanges)).toEqual([
      '2',
      '2 and 3',
      '1–3 and 7',
      '0, 4–6, 9, 11 and 12',
    ]);
  });
});
