/** By how much another clock is ahead. */
import { expect, it } from 'vitest';
import { createClockOffset } from '../../../../src/cluster/leading/clock-offset.ts';

it('knows nothing before the first answer', () => {
  expect(createClockOffset().best()).toBeUndefined();
});

it('takes the answer that came fastest', () => {
  const clock = createClockOffset();
  clock.add({ askedMs: 1_000, answeredMs: 1_400, theirsMs: 6_300 });
  clock.add({ askedMs: 2_000, answeredMs: 2_002, theirsMs: 7_001 });
  clock.add({ askedMs: 3_000, answeredMs: 3_090, theirsMs: 8_000 });
  expect(clock.best()).toEqual({ offsetMs: 5_000, roundTripMs: 2 });
});

it('forgets what it learned before a clock was set', () => {
  const clock = createClockOffset();
  clock.add({ askedMs: 0, answeredMs: 1, theirsMs: 0 });
  for (let at = 1_000; at <= 8_000; at += 1_000)
    clock.add({ askedMs: at, answeredMs: at + 10, theirsMs: at + 65 });
  expect(clock.best()).toEqual({ offsetMs: 60, roundTripMs: 10 });
});
