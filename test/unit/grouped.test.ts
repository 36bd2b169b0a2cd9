/** Numbers for people, beside what JavaScript itself would say. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { grouped } from '../../src/grouped.ts';

it('has groups of three digits from the right', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(grouped(value)).toBe(value.toLocaleString('en-US'));
    }),
  );
});
