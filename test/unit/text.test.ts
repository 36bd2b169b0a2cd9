/** Numbers for people, beside what JavaScript itself would say. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatInteger } from '../../src/text.ts';

it('has groups of three digits from the right', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(formatInteger(value)).toBe(value.toLocaleString('en-US'));
    }),
  );
});
