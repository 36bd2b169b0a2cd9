/** The beat of whole seconds, no matter when a caller asks for it. */

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { msToNextTick } from '../../src/clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the beat', () => {
  it('falls on a multiple of its interval, as much later as is wanted, and never too soon', () => {
    const moments = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });
    fc.assert(
      fc.property(moments, fc.constantFrom(20, 500, 1_000), fc.nat(300), (now, everyMs, late) => {
        vi.setSystemTime(now);
        const afterMs = late % everyMs;
        const delayMs = msToNextTick({ everyMs, afterMs });
        expect((now + delayMs - afterMs) % everyMs).toBe(0);
        expect(delayMs).toBeGreaterThan(everyMs / 2);
        expect(delayMs).toBeLessThanOrEqual(everyMs * 1.5);
      }),
    );
  });

  it('is not missed and not doubled by a timer that is a millisecond early', () => {
    vi.setSystemTime(1_700_000_000_999);
    expect(msToNextTick()).toBe(1_001);
  });
});
