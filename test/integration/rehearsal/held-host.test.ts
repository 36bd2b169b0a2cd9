/**
 * An agent continues once the supervisor has its claim: however late the supervisor does the rest,
 * no number changes.
 */
import { describe, expect, it } from 'vitest';
import { type KindName, kinds, rehearseHeld } from '../../support/held-host.ts';

describe('a run whose engine host is held right after its claim', () => {
  it.concurrent.each(Object.keys(kinds) as KindName[])(
    'counts exactly what the target served: %s',
    async (kind) => {
      const { served, counted, outcome } = await rehearseHeld(kind, 500);
      expect(outcome).toEqual({ kind: 'complete' });
      expect(served).toBeGreaterThan(0);
      expect(counted).toBe(served);
    },
  );
});
