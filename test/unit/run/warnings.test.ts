/** What a run warns of: everything once. */
import { expect, it } from 'vitest';
import type { Problem } from '../../../src/errors.ts';
import { withWarnings } from '../../../src/run/warnings.ts';

const unused: Problem = {
  code: 'VAR_UNUSED',
  message: 'A is not used',
  hint: 'leave it out',
  where: 'vars.A',
};

it.for<readonly [string, Problem]>([
  ['another place', { ...unused, where: 'vars.B' }],
  ['another message', { ...unused, message: 'B is not used' }],
  ['another code', { ...unused, code: 'TARGET_LOOPBACK' }],
])('keeps a second warning with %s', ([, second]) => {
  expect(withWarnings([unused], [second])).toEqual([unused, second]);
});

it('adds the same warning once, whether it is known already or comes twice', () => {
  expect(withWarnings([unused], [{ ...unused, hint: 'use it' }])).toEqual([unused]);
  expect(withWarnings([], [unused, { ...unused }])).toEqual([unused]);
});

it('keeps at most 50 of a code, however often something fails in other words', () => {
  const many = Array.from({ length: 60 }, (_, at) => ({ ...unused, message: `${at}` }));
  expect(withWarnings([], many)).toEqual(many.slice(0, 50));
});
