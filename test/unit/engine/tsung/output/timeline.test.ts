/** Samples without a time, and the intervals that give them one. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLogParser } from '../../../../../src/engine/tsung/output/log-parser.ts';
import { createTimeline } from '../../../../../src/engine/tsung/output/timeline.ts';
import { createCollector } from '../../../../../src/results/collect.ts';

const options = { kinds: ['transaction', 'request'], requestName: 'raw' } as const;

function timesOf(
  batches: ReturnType<ReturnType<typeof createTimeline>['release']>,
): readonly (readonly [string, number])[] {
  return [...batches].flatMap((batch) =>
    Array.from(
      { length: batch.count },
      (_, row) => [batch.names[batch.name[row] ?? -1] ?? '', batch.endMs[row] ?? -1] as const,
    ),
  );
}

it('gives the k-th sample the first interval whose count reaches k', () => {
  const timeline = createTimeline(options);
  for (const total of [2, 2, 3]) timeline.mark({ name: 'tr_a', endMs: total * 1000, total });
  for (const durationMs of [1, 2, 3]) timeline.samplesOf('tr_a')?.(durationMs);
  expect(timesOf(timeline.release())).toEqual([
    ['a', 1500],
    ['a', 1500],
    ['a', 2500],
  ]);
});

it('holds samples until their interval is known, and releases the rest at the end', () => {
  const timeline = createTimeline(options);
  for (const durationMs of [1, 2, 3]) timeline.samplesOf('request')?.(durationMs);
  expect(timesOf(timeline.release())).toEqual([]);
  timeline.mark({ name: 'request', endMs: 1000, total: 2 });
  expect(timesOf(timeline.release())).toEqual([
    ['raw', 500],
    ['raw', 500],
  ]);
  expect(timeline.waiting().samples).toBe(1);
  expect(timesOf(timeline.release({ all: true }))).toEqual([['raw', 500]]);
});

it('leaves out kinds that are not wanted', () => {
  const timeline = createTimeline({ kinds: ['transaction'], requestName: 'raw' });
  timeline.samplesOf('request')?.(1);
  timeline.samplesOf('page')?.(1);
  timeline.mark({ name: 'request', endMs: 1000, total: 1 });
  expect(timesOf(timeline.release({ all: true }))).toEqual([]);
  expect(timeline.waiting().samples).toBe(0);
});

it('puts samples in the second in which the gauges of their interval are', () => {
  const blocks = [1_700_000_001, 1_700_000_002].map((at, index) =>
    [
      `# stats: dump at ${at}`,
      `stats: users ${index + 1} 2`,
      `stats: request ${3 - index} 1 0 1 1 1 ${index * 3}`,
      '',
    ].join('\n'),
  );
  const log = createLogParser({ withTimings: false, onUnreadable: expect.unreachable });
  const timeline = createTimeline(options);
  const collector = createCollector({
    sampling: { requests: 'overall' },
    slo: [],
    plan: { loadPhases: [] },
  });
  for (const { interval, marks } of [...blocks.flatMap(log.push), ...log.end()]) {
    collector.add(interval);
    for (const mark of marks) timeline.mark(mark);
  }
  for (let count = 0; count < 5; count++) timeline.samplesOf('request')?.(1);
  for (const batch of timeline.release()) collector.add(batch);
  const { startMs, users, requests } = collector.full().series;
  expect({ startMs, users, requests }).toEqual({
    startMs: 1_700_000_000_000,
    users: [1, 2],
    requests: [3, 2],
  });
});

it('gives every sample away once and with the same time, whichever file runs ahead', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }),
      fc.array(fc.boolean(), { maxLength: 60 }),
      (increments, order) => {
        const marks = increments.map((_, index) => ({
          name: 'tr_a',
          endMs: index * 1000,
          total: increments.slice(0, index + 1).reduce((sum, increment) => sum + increment, 0),
        }));
        const samples = Array.from({ length: marks.at(-1)?.total ?? 0 }, (_, index) => index);
        const expected = marks.flatMap(({ endMs }, index) =>
          Array.from({ length: increments[index] ?? 0 }, () => endMs - 500),
        );
        const timeline = createTimeline(options);
        const steps = [...order, ...marks.map(() => true), ...samples.map(() => false)];
        const times = steps.flatMap((isMark) => {
          const mark = isMark ? marks.shift() : undefined;
          const sample = isMark ? undefined : samples.shift();
          if (mark !== undefined) timeline.mark(mark);
          if (sample !== undefined) timeline.samplesOf('tr_a')?.(sample);
          return timesOf(timeline.release()).map(([, endMs]) => endMs);
        });
        expect(times).toEqual(expected);
      },
    ),
  );
});
