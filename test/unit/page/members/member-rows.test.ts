/** Which members are in trouble, in which order they stand, and which a filter finds. */

import { describe, expect, it } from 'vitest';
import { byTrouble, matching, memberRows } from '../../../../src/page/members/member-rows.ts';
import { notesOf, pageOf, stateWord } from '../../../../src/page/members/member-words.ts';
import { troubleWords } from '../../../../src/page/members/trouble-words.ts';
import { clusterOf, memberId } from '../../../support/cluster-run.ts';
import { clusterLoad } from '../../../support/page-cluster.ts';

const plain = (text: string | undefined): string => (text ?? '').replaceAll('\u00a0', ' ');
const silentSince = '2026-05-12T12:21:40.000Z';
const strained = { verdict: 'strained', reasons: ['its CPU was over 80 %'] } as const;

function rowsOf(...given: Parameters<typeof clusterLoad>) {
  const { summary } = clusterLoad(...given);
  return { summary, rows: memberRows(given[0], summary) };
}

describe('a member', () => {
  it('fires no faster than its part of the whole, and the parts add up', () => {
    const { rows, summary } = rowsOf(clusterOf(4), { seconds: 180 });
    const sum = rows.reduce((total, { perSecond = 0 }) => total + perSecond, 0);
    expect(sum).toBeCloseTo(summary.totals.perSecond, 6);
  });

  it('has no figures of now while it does not answer', () => {
    const cluster = clusterOf(2, { changed: { 1: { state: 'silent', silentSince } } });
    const { rows } = rowsOf(cluster);
    expect(rows[0]).toMatchObject({ perSecond: 73, users: 133, troubles: [] });
    expect(rows[1]).toMatchObject({ perSecond: undefined, users: undefined, troubles: ['silent'] });
    expect(rows[1]?.stats?.requests).toBeGreaterThan(0);
  });

  it('has a clock that is worth a note where it is off by more than 50 ms', () => {
    const cluster = clusterOf(3, {
      changed: { 1: { clockOffsetMs: 50 }, 2: { clockOffsetMs: -51 } },
    });
    const { rows } = rowsOf(cluster);
    expect(rows.map(({ troubles }) => troubles)).toEqual([[], [], ['clock']]);
    expect(rows.flatMap((row) => notesOf(row, false)).map(plain)).toEqual([
      'its clock is 51 ms behind',
    ]);
  });

  it('says how its load ended', () => {
    const [member] = clusterOf(1).members;
    if (member === undefined) throw new Error('no member');
    expect(stateWord({ ...member, state: 'ended' })).toBe('Ended');
    expect(stateWord({ ...member, state: 'ended', outcome: 'complete' })).toBe('Ended');
    expect(stateWord({ ...member, state: 'ended', outcome: 'stopped' })).toBe('Stopped');
    expect(stateWord({ ...member, state: 'lost', outcome: 'complete' })).toBe('Lost');
  });

  it('has a link to nothing but a page', () => {
    expect(pageOf({ page: 'https://10.0.0.1/' })).toBe('https://10.0.0.1/');
    expect(pageOf({ page: 'javascript:alert(1)' })).toBeUndefined();
    expect(pageOf({ page: ' http://x' })).toBeUndefined();
    expect(pageOf({})).toBeUndefined();
  });
});

describe('a member that is slow', () => {
  const slowOf = (
    cluster: ReturnType<typeof clusterOf>,
    options: Parameters<typeof clusterLoad>[1],
  ) =>
    rowsOf(cluster, options)
      .rows.filter(({ troubles }) => troubles.includes('slow'))
      .map(({ member }) => member.instanceId);

  it('is one with less than half of what the median fires for its share', () => {
    expect(slowOf(clusterOf(4), {})).toEqual([]);
    expect(slowOf(clusterOf(4), { changed: { 2: { requests: 1_010 } } })).toEqual([]);
    expect(slowOf(clusterOf(4), { changed: { 2: { requests: 990 } } })).toEqual([memberId(2)]);
    expect(slowOf(clusterOf(4), { seconds: 180, changed: { 2: { requests: 900 } } })).toEqual([
      memberId(2),
    ]);
  });

  it('may have a small share', () => {
    const shares = { 0: { share: 0.6 }, 1: { share: 0.3 }, 2: { share: 0.1 } };
    const fired = { 0: { requests: 6_000 }, 1: { requests: 3_000 }, 2: { requests: 1_000 } };
    expect(slowOf(clusterOf(3, { changed: shares }), { changed: fired })).toEqual([]);
  });

  it('is also one that is slow only now, but not one that chance made slow', () => {
    const busy = (perSecond: number) =>
      Object.fromEntries([0, 1, 2].map((rank) => [rank, { perSecond }]));
    expect(slowOf(clusterOf(4), { changed: { ...busy(200), 3: { perSecond: 90 } } })).toEqual([
      memberId(3),
    ]);
    expect(slowOf(clusterOf(4), { changed: { ...busy(4), 3: { perSecond: 0 } } })).toEqual([]);
  });

  it('is not looked for in the first seconds, or among those that do not answer', () => {
    const changed = { 2: { requests: 0, perSecond: 0 } };
    expect(slowOf(clusterOf(4), { seconds: 9, changed })).toEqual([]);
    const lost = clusterOf(4, { changed: { 2: { state: 'lost' } } });
    expect(slowOf(lost, { changed })).toEqual([]);
  });

  it('is named at the top of the page, during the run and after it', () => {
    const changed = { 2: { requests: 90, perSecond: 1 } };
    const running = troubleWords(rowsOf(clusterOf(4), { changed }).rows, false);
    expect(plain(running?.title)).toBe('1 of 4 members fires less than half of its share.');
    expect(plain(running?.text)).toBe(
      `${memberId(2)} (launch index 2, 25 % of the load): the load was not split as planned.`,
    );
    const { rows } = rowsOf(clusterOf(4), { seconds: 180, changed });
    expect(plain(troubleWords(rows, true)?.title)).toBe(
      '1 of 4 members fired less than half of its share.',
    );
    expect(troubleWords(rowsOf(clusterOf(4)).rows, false)).toBeUndefined();
  });
});

describe('members that do not answer', () => {
  const changed = {
    1: { state: 'silent', silentSince },
    5: { state: 'lost', silentSince },
    7: { state: 'failed' },
    9: { state: 'silent', silentSince },
  } as const;

  it('are named at the top, the first three of them, the worst first', () => {
    const { rows } = rowsOf(clusterOf(20, { changed }));
    const words = troubleWords(rows, false);
    expect(plain(words?.title)).toBe('4 of 20 members failed or do not answer.');
    expect(plain(words?.text)).toMatch(
      new RegExp(
        `^${memberId(5)} .* is lost, silent since .*; ${memberId(7)} .* failed; .*; 1 more`,
      ),
    );
  });

  it('are left to the outcome of the run once it is known', () => {
    const { rows } = rowsOf(clusterOf(20, { changed }));
    expect(troubleWords(rows, true)).toBeUndefined();
  });
});

describe('many members', () => {
  const cluster = clusterOf(200, {
    changed: { 17: { state: 'lost' }, 63: { state: 'silent' }, 120: { clockOffsetMs: 340 } },
  });
  const { rows } = rowsOf(cluster, { changed: { 44: { generator: strained } } });

  it('stand by their trouble, and in their rank where there is none', () => {
    const order = byTrouble(rows).map(({ member }) => member.launchIndex);
    expect(order.slice(0, 6)).toEqual([17, 63, 44, 120, 0, 1]);
    expect(order).toHaveLength(200);
  });

  it('are found by id, launch index, state and trouble', () => {
    const found = (filter: string): readonly number[] =>
      matching(rows, filter).map(({ member }) => member.launchIndex);
    expect(found('lost')).toEqual([17]);
    expect(found(' Strained ')).toEqual([44]);
    expect(found('clock')).toEqual([120]);
    expect(found('leader')).toEqual([0]);
    expect(found(memberId(77))).toEqual([77]);
    expect(found('150')).toContain(150);
    expect(found('')).toHaveLength(200);
  });
});
